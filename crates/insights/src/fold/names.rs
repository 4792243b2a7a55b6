//! Names, each once.

use std::{collections::HashSet, sync::Arc};

use crate::aggregates::{ActionLabels, ApprovalLabels, Name, RunLabels};

/// Names that are remembered; beyond it they are shared by those alone that came together.
const MOST: usize = 100_000;

#[derive(Debug, Default)]
pub(crate) struct Names(HashSet<Name, hashbrown::DefaultHashBuilder>);

impl Names {
    pub(crate) fn of(&mut self, text: &str) -> Name {
        if let Some(name) = self.0.get(text) {
            return Arc::clone(name);
        }
        let name: Name = text.into();
        if self.0.len() < MOST {
            self.0.insert(Arc::clone(&name));
        }
        name
    }

    /// Lets go of those that nothing carries any more.
    pub(crate) fn forget_unused(&mut self) {
        self.0.retain(|name| Arc::strong_count(name) > 1);
    }

    /// The same name, shared with all that carry it.
    pub(crate) fn share(&mut self, name: &mut Name) {
        *name = self.of(name);
    }

    pub(crate) fn share_all<'a>(&mut self, names: impl IntoIterator<Item = &'a mut Name>) {
        names.into_iter().for_each(|name| self.share(name));
    }

    pub(crate) fn optional(&mut self, text: Option<&str>) -> Option<Name> {
        text.map(|text| self.of(text))
    }
}

/// Something read back from a disk, with each of its names a copy of its own.
pub(crate) trait ShareNames {
    fn share_names(&mut self, names: &mut Names);
}

impl ShareNames for RunLabels {
    fn share_names(&mut self, names: &mut Names) {
        let Self { agent_id, agent_type, task_type, version, project_id, environment, group, model } = self;
        names.share_all([agent_id, agent_type, environment, group]);
        names.share_all([task_type, version, project_id, model].into_iter().flatten());
    }
}

impl ShareNames for ActionLabels {
    fn share_names(&mut self, names: &mut Names) {
        let Self { agent_id, action_name, project_id, environment, group } = self;
        names.share_all([agent_id, action_name, environment, group].into_iter().chain(project_id));
    }
}

impl ShareNames for ApprovalLabels {
    fn share_names(&mut self, names: &mut Names) {
        let Self { agent_id, project_id, environment, group } = self;
        names.share_all([agent_id, environment, group].into_iter().chain(project_id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_nothing_carries_is_let_go() {
        let mut names = Names::default();
        let kept = names.of("kept");
        names.of("unused");
        names.forget_unused();
        assert_eq!(names.0.len(), 1);
        let mut read_back: Name = "kept".into();
        names.share(&mut read_back);
        assert!(Arc::ptr_eq(&kept, &read_back));
    }
}
