use crate::access::{Letter, LetterOf, Owner, Refused};
use crate::desk::Matter;
use crate::names::Role;
use crate::platform::page::Page;
use crate::record::day_words;
use actix_web::get;
use serde::Serialize;

#[derive(Serialize)]
struct InboxView {
    letters: Vec<LetterView>,
}

#[derive(Serialize)]
struct LetterView {
    title: String,
    says: String,
    when: String,
    verb: &'static str,
    address: String,
    unread: bool,
}

/// A letter in words, and where it leads.
fn shown(letter: Letter) -> Result<LetterView, Refused> {
    let (class, class_name) = (letter.class, letter.class_name);
    let about = |what: &str| match &letter.child {
        Some((_, name)) => format!("{name}：{what}"),
        None => format!("{class_name}：{what}"),
    };
    let child = |page: &str| match &letter.child {
        Some((student, _)) => format!("/child/{student}/{page}"),
        None => format!("/class/{class}/desk"),
    };
    let (title, by, verb, address) = match letter.told {
        LetterOf::Reminder { matter, by, role } => {
            let matter: Matter = matter.parse().map_err(Refused::broken)?;
            let (what, verb, address) = match matter {
                Matter::OwnWords => ("学期自评还没有交", "去写", child("self")),
                Matter::Housework => ("这学期的家务还等家长确认", "去确认", child("housework")),
                Matter::Selection => ("代表作还没有选好、确认", "去选", child("selection")),
                Matter::Class => ("学校在等班主任这一步", "去看看", child("")),
            };
            (about(what), format!("{}{by} 提醒您", role.word()), verb, address)
        }
        LetterOf::Answer { objection, raised_as } => {
            let address = match raised_as {
                Role::Guardian | Role::Learner => child(&format!("objections/{objection}")),
                _ => format!("/class/{class}/objections/{objection}"),
            };
            (about("您提的异议有了答复"), "学校答复".to_owned(), "去看", address)
        }
    };
    Ok(LetterView {
        title,
        says: format!("{by} · {}", letter.school),
        when: format!("{} {}", day_words(letter.at.date()), letter.at.format("%H:%M")),
        verb,
        address,
        unread: letter.unread,
    })
}

/// What came for whoever is signed in, the newest first; opening it is reading it.
#[get("/inbox")]
pub(super) async fn inbox(owner: Owner) -> Result<Page, Refused> {
    let letters = owner.inbox().await?;
    if letters.iter().any(|letter| letter.unread) {
        owner.inbox_opened().await?;
    }
    let letters = letters.into_iter().map(shown).collect::<Result<_, _>>()?;
    let mut shell = owner.shell().clone();
    shell.unread = 0;
    Ok(Page::of("desk/inbox.html", &InboxView { letters }).within("shell", &shell))
}
