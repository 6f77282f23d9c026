//! What is no measurement: the assessment, rules, doubts and refusals.

use crate::codes::{Code, TRACKING_ID};
use crate::statement::{Answer, Group, Statement, Subject};

use super::content::{Item, Relation};
use super::group;

/// The assessment is one item an answer; a rule, doubt or refusal is one item with what is said of it inside.
pub(super) fn items(group: &Group) -> Vec<Item> {
    let alone = |said: &Statement| group::statement(said, group, None);
    if group.about.subject == Subject::Assessment {
        return group.statements.iter().map(alone).collect();
    }
    let Some((first, rest)) = group.statements.split_first() else { return Vec::new() };
    let key = Item::text(Relation::Property, TRACKING_ID, group.about.key());
    vec![alone(first).with([key]).with(rest.iter().map(inside))]
}

fn inside(said: &Statement) -> Item {
    let concept: Code = super::concept::own(said.quantity);
    match &said.answer {
        Answer::Word(word) => Item::code(Relation::Property, concept, crate::codes::code_of_word(word)),
        Answer::Text(text) => Item::text(Relation::Property, concept, text.clone()),
        Answer::Number { value, unit } => Item::number(Relation::Property, concept, *value, unit),
        Answer::Missing(why) => Item::code(Relation::Property, concept, group::qualifier(*why)),
    }
}
