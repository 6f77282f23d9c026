//! Studies, their results in every form, and what people do to them.

mod change;
mod comments;
mod context;
mod corrected_part;
mod corrections;
mod csv;
mod document;
mod entity;
mod identity;
mod life;
mod list;
mod page;
mod points;
mod readings;
mod result;

pub(super) use comments::*;
pub(super) use context::*;
pub(super) use corrections::*;
pub(super) use csv::table;
pub(super) use document::*;
pub(super) use entity::tag as entity_tag;
pub(super) use life::*;
pub(super) use list::*;
pub(super) use points::*;
pub(super) use readings::*;
pub(super) use result::*;
