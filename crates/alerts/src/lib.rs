//! Alert rules as pure functions over facts that are given and a clock that is given.
//!
//! A [`Rule`] watches; an [`Alert`] is one thing it found, from firing to resolved. The server tells an [`Evaluator`], one a scope, what
//! changed (an agent's status, a run, a call's cost, …) and what time it is; the evaluator answers with [`Transition`]s. What is judged
//! is always a state ("is stuck", "so many failed in the window"), never an event that may be missed: so a server that starts again tells
//! what is so now, and what was open already stays as it is.
//!
//! Reading order: [`condition`] and [`rule`] (what people write), [`facts`] (what the server tells), [`judge`] (one condition over one
//! subject's facts), [`watch`] (for how long, how often), [`evaluator`] (which rules an event can matter to, and what is due), [`words`]
//! (what people read).

pub mod alert;
pub mod condition;
pub mod evaluator;
pub mod facts;
mod index;
pub mod judge;
pub mod meter;
pub mod rule;
pub mod span;
pub mod subject;
pub mod watch;
pub mod words;

pub use alert::{Alert, AlertLabels, AlertState, Evidence, Transition, TransitionKind, Words};
pub use condition::Condition;
pub use evaluator::{Evaluator, OpenAlert};
pub use rule::{FieldProblem, Rule, RuleDraft, RuleScope, Severity};
pub use subject::Subject;
