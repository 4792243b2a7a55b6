//! Which scopes hold something: found by their most telling label instead of asking every one.

use std::collections::HashMap;

use crate::rule::{Labels, RuleScope};

#[derive(Debug, Default)]
pub(crate) struct Index {
    pub(crate) scopes: Vec<RuleScope>,
    numbers: HashMap<RuleScope, u32>,
    by_agent: HashMap<String, Vec<u32>>,
    by_project: HashMap<String, Vec<u32>>,
    rest: Vec<u32>,
}

impl Index {
    /// The number of a scope; equal ones share it.
    pub(crate) fn add(&mut self, scope: &RuleScope) -> u32 {
        if let Some(number) = self.numbers.get(scope) {
            return *number;
        }
        let number = self.scopes.len() as u32;
        self.scopes.push(scope.clone());
        self.numbers.insert(scope.clone(), number);
        match (&scope.agent_id, &scope.project_id) {
            (Some(agent_id), _) => self.by_agent.entry(agent_id.clone()).or_default().push(number),
            (None, Some(project_id)) => self.by_project.entry(project_id.clone()).or_default().push(number),
            (None, None) => self.rest.push(number),
        }
        number
    }

    fn of_agent(&self, agent_id: &str) -> impl Iterator<Item = u32> {
        self.by_agent.get(agent_id).into_iter().flatten().copied()
    }

    fn of_project(&self, project_id: &str) -> impl Iterator<Item = u32> {
        self.by_project.get(project_id).into_iter().flatten().copied()
    }

    /// Those that hold an event, a run or a call.
    pub(crate) fn holding(&self, labels: &Labels<'_>) -> Vec<u32> {
        self.of_agent(labels.agent_id)
            .chain(labels.project_id.into_iter().flat_map(|project_id| self.of_project(project_id)))
            .chain(self.rest.iter().copied())
            .filter(|number| self.scopes[*number as usize].holds(labels))
            .collect()
    }

    /// Those that hold an agent.
    pub(crate) fn holding_agent<'a>(
        &self,
        labels: &Labels<'_>,
        projects: impl Iterator<Item = &'a str> + Clone,
    ) -> Vec<u32> {
        self.of_agent(labels.agent_id)
            .chain(projects.clone().flat_map(|project_id| self.of_project(project_id)))
            .chain(self.rest.iter().copied())
            .filter(|number| self.scopes[*number as usize].holds_agent(labels, projects.clone()))
            .collect()
    }
}
