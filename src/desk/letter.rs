//! A letter in words, and where it leads.

use super::Matter;
use crate::access::{Letter, LetterOf, Refused, Said};
use crate::names::Role;

/// What a letter says.
#[derive(Clone, Debug)]
pub struct Words {
    /// Without anybody's name: what may leave the school.
    pub what: &'static str,
    pub by: String,
    pub verb: &'static str,
    pub address: String,
}

/// # Errors
/// [`Refused::Broken`] for a matter that is none of ours.
pub fn words(letter: &Letter) -> Result<Words, Refused> {
    let child = |page: &str| match &letter.child {
        Some((student, _)) => format!("/child/{student}/{page}"),
        None => "/".to_owned(),
    };
    Ok(match &letter.told {
        LetterOf::Reminder { matter, by, role, class, .. } => {
            let matter: Matter = matter.parse().map_err(Refused::broken)?;
            let (what, verb, address) = match matter {
                Matter::OwnWords => ("学期自评还没有交", "去写", child("self")),
                Matter::Housework => ("这学期的家务还等家长确认", "去确认", child("housework")),
                Matter::Selection => ("代表作还没有选好、确认", "去选", child("selection")),
                Matter::Class => ("学校在等班主任这一步", "去看看", format!("/class/{class}/desk")),
            };
            Words { what, by: format!("{}{by} 提醒您", role.word()), verb, address }
        }
        LetterOf::Answer { objection, raised_as, class } => {
            let address = match raised_as {
                Role::Guardian | Role::Learner => child(&format!("objections/{objection}")),
                _ => format!("/class/{class}/objections/{objection}"),
            };
            Words { what: "您提的异议有了答复", by: "学校答复".to_owned(), verb: "去看", address }
        }
        LetterOf::Said(said) => {
            let (what, by, verb, address) = match said {
                Said::Returned => ("有一条记录请您补充", "老师看过了", "去补充", child("records")),
                Said::Data => ("您问的个人信息有了答复", "学校答复", "去看", child("data")),
                Said::Corrected => ("归档的一个学期有了更正", "学校更正", "看改了什么", child("versions")),
                Said::Portfolio => ("毕业档案归档了", "学校归档", "去看", child("graduation")),
            };
            Words { what, by: by.to_owned(), verb, address }
        }
    })
}
