//! Work desks: what waits for whom, by deadline; reminders, which go to the person and
//! never to a list; and the inbox they come to.

mod letter;
pub mod pages;
mod store;
mod waiting;
mod webhook;

pub use store::{Remind, RemindTeacher, Waits, still_waiting};
pub use waiting::{AtDesk, Group, Lately, Stop, Waiting, grouped, lately, stops, what_waits};
pub use webhook::{
    HostError, Sender, Sent, SetWebhook, Tried, Webhook, hosts, latest_tries, messengers, webhook, work_at_letters,
};

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;

/// What someone is reminded of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum Matter {
    /// A pupil's own evaluation.
    OwnWords,
    /// Weeks of housework that a guardian has not confirmed.
    Housework,
    Selection,
    /// The class teacher's turn on the term board.
    Class,
}

crate::text_code!(Matter {
    OwnWords = "self",
    Housework = "housework",
    Selection = "selection",
    Class = "class",
});

impl Matter {
    pub fn word(self) -> &'static str {
        match self {
            Matter::OwnWords => "学生自评",
            Matter::Housework => "家务确认",
            Matter::Selection => "遴选",
            Matter::Class => "本班的评价",
        }
    }
}
