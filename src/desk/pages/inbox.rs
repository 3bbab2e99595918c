use crate::access::{Letter, LetterOf, Owner, Refused};
use crate::desk::letter::words;
use crate::platform::page::Page;
use crate::record::moment_words;
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

fn shown((letter, unread): (Letter, bool)) -> Result<LetterView, Refused> {
    let words = words(&letter)?;
    let about = match (&letter.child, &letter.told) {
        (Some((_, name)), _) => name.as_str(),
        (None, LetterOf::Reminder { class_name, .. }) => class_name.as_str(),
        (None, _) => letter.school.as_str(),
    };
    Ok(LetterView {
        title: format!("{about}：{}", words.what),
        says: format!("{} · {}", words.by, letter.school),
        when: moment_words(letter.at),
        verb: words.verb,
        address: words.address,
        unread,
    })
}

/// What came for whoever is signed in, the newest first; opening it is reading it.
#[get("/inbox")]
pub(super) async fn inbox(owner: Owner) -> Result<Page, Refused> {
    let letters = owner.inbox().await?;
    if letters.iter().any(|(_, unread)| *unread) {
        owner.inbox_opened().await?;
    }
    let letters = letters.into_iter().map(shown).collect::<Result<_, _>>()?;
    let mut shell = owner.shell().clone();
    shell.unread = 0;
    Ok(Page::of("desk/inbox.html", &InboxView { letters }).within("shell", &shell))
}
