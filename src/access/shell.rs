//! What the layout around a page shows: who, where, in which capacity.

use super::keeper::Entering;
use super::session::form_token;
use crate::names::{ClassId, Role};
use serde::Serialize;

#[derive(Clone, Debug, Serialize)]
pub struct Shell {
    pub name: String,
    pub role: Role,
    /// The school, or the county's name.
    pub place: String,
    /// Class in the addresses of the navigation, where the role has one.
    pub class: Option<ClassId>,
    pub csrf: String,
    pub many_desks: bool,
    /// What has come to the inbox since it was last opened.
    pub unread: i64,
    /// The calendar has a new term, and the school has not opened it.
    pub term_waits: bool,
    pub demo: bool,
    pub insecure: bool,
}

impl Shell {
    pub(in crate::access) fn of(entering: &Entering, role: Role, place: String, class: Option<ClassId>) -> Self {
        let house = entering.door.house();
        Shell {
            name: entering.who.name.clone(),
            role,
            place,
            class,
            csrf: form_token(house, entering.who.session),
            term_waits: false,
            many_desks: entering.who.many_desks,
            unread: entering.who.unread,
            demo: house.demo,
            insecure: house.insecure,
        }
    }

    pub(in crate::access) fn waiting(self, term_waits: bool) -> Self {
        Shell { term_waits, ..self }
    }
}
