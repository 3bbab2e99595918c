use crate::access::{Desk, Homeroom, Look, Nothing, Posted, Refused, SchoolOffice, off_the_loop};
use crate::cycle::{Seated, SignedClass};
use crate::evaluation::{Band, TermRecord, signed_records};
use crate::names::{ClassId, Domain, StudentId, Term};
use crate::platform::files::sha256_hex;
use crate::platform::page::Download;
use crate::platform::typeset::Misprint;
use crate::portfolio::file::{SchemeWords, SchoolWords};
use crate::portfolio::press::{date_parts, moment_words};
use crate::portfolio::store::{BookletTaken, school_words, sealed_of};
use crate::record::{Contact, shared_contacts};
use crate::scheme::scheme_of;
use actix_web::post;
use actix_web::web::Path;
use chrono::{Datelike, NaiveDate};
use serde::Serialize;
use std::collections::HashMap;

/// What `class-booklet.typ` is given.
#[derive(Serialize)]
struct BookletData {
    booklet: Booklet,
    /// Signed when, sealed or not, printed when.
    state: String,
    date: [i32; 3],
}

#[derive(Serialize)]
struct Booklet {
    title: &'static str,
    school: SchoolWords,
    class: String,
    term: String,
    homeroom: String,
    scheme: SchemeWords,
    /// In seat order, and in no other.
    pupils: Vec<PupilLine>,
    /// What school and families said to each other and share, by the day.
    contacts: Vec<ContactLine>,
}

#[derive(Serialize)]
struct PupilLine {
    seat: i32,
    name: String,
    /// Five, in the order of the county's document.
    bands: Vec<Option<Band>>,
    comment: Option<String>,
}

#[derive(Serialize)]
struct ContactLine {
    on: NaiveDate,
    kind: &'static str,
    place: Option<String>,
    words: String,
    /// Names in seat order, or the whole class.
    families: String,
    replies: Vec<ReplyLine>,
}

#[derive(Serialize)]
struct ReplyLine {
    name: String,
    words: String,
}

fn pupil_line(pupil: &Seated, record: Option<&TermRecord>) -> PupilLine {
    PupilLine {
        seat: pupil.seat,
        name: pupil.name.clone(),
        bands: Domain::ALL.iter().map(|domain| record.and_then(|record| record.sheet.band(*domain))).collect(),
        comment: record.and_then(|record| record.comment.as_ref()).map(|comment| comment.text.clone()),
    }
}

fn contact_line(contact: Contact, pupils: &[Seated]) -> ContactLine {
    let there: Vec<&Seated> = pupils.iter().filter(|pupil| contact.families.contains_key(&pupil.id)).collect();
    let names: Vec<&str> = there.iter().map(|pupil| pupil.name.as_str()).collect();
    let everyone = there.len() == pupils.len() && there.len() > 1;
    let replies = there.iter().filter_map(|pupil| {
        let words = contact.families.get(&pupil.id)?.as_ref()?.words.clone()?;
        Some(ReplyLine { name: pupil.name.clone(), words })
    });
    ContactLine {
        on: contact.day,
        kind: contact.kind.word(),
        families: if everyone { "全班".to_owned() } else { names.join("、") },
        replies: replies.collect(),
        place: contact.place,
        words: contact.words,
    }
}

fn read(look: &mut Look, signed: &SignedClass) -> Result<BookletData, Refused> {
    let (class, term, pupils) = (signed.class(), signed.term(), signed.pupils());
    let records: HashMap<StudentId, TermRecord> = signed_records(look, signed)?;
    let sealed = sealed_of(look, &signed.ids())?;
    let sealed = if pupils.iter().all(|pupil| sealed.contains(&(pupil.id, term))) { "已归档" } else { "归档前" };
    let today = look.today();
    let made = format!("{} 年 {} 月 {} 日打印", today.year(), today.month(), today.day());
    Ok(BookletData {
        state: format!("{} 签字，{sealed}　{made}", moment_words(signed.by().at)),
        date: date_parts(signed.by().at),
        booklet: Booklet {
            title: "班级评价册",
            school: school_words(look)?.0,
            class: signed.name(),
            term: term.name(),
            homeroom: signed.by().name.clone(),
            scheme: SchemeWords::of(&*scheme_of(look, class.name.cohort, term)?),
            pupils: pupils.iter().map(|pupil| pupil_line(pupil, records.get(&pupil.id))).collect(),
            contacts: shared_contacts(look, signed)?.into_iter().map(|one| contact_line(one, pupils)).collect(),
        },
    })
}

/// Prints the booklet of the class that `find` is granted, and journals that it left.
async fn hand_out<F>(desk: &Desk, find: F) -> Result<Download, Refused>
where
    F: FnOnce(&mut Look) -> Result<SignedClass, Refused> + Send + 'static,
{
    let (signed, data) = desk
        .look(move |look| {
            let signed = find(look)?;
            let data = read(look, &signed)?;
            Ok((signed, data))
        })
        .await?;
    let house = desk.house().clone();
    let bytes = off_the_loop(move || {
        let data = serde_json::to_vec(&data).map_err(Refused::broken)?;
        let printed = house.press.press().map_err(Refused::conflict)?.print("class-booklet.typ", data);
        printed.map(|printed| printed.pdf).map_err(|misprint| match misprint {
            Misprint::NoGlyph(_) | Misprint::Template(_) => Refused::conflict(misprint.to_string()),
            broken => Refused::broken(broken),
        })
    })
    .await?;
    let (class, term, pupils) = (signed.class().id, signed.term(), signed.pupils().len());
    let taken = BookletTaken { class, term, pupils, sha256: sha256_hex(&bytes) };
    desk.act(move |_| Ok(taken)).await?;
    let name = format!("{}-{}-班级评价册.pdf", signed.name(), term.name());
    Ok(Download { name, media_type: "application/pdf", bytes, inline: false })
}

/// The booklet 班级评价册 of one's own class (PDF/A-3a, PDF/UA-1), for the teacher who
/// signs it.
#[post("/{term}/booklet")]
pub(super) async fn homeroom_booklet(
    homeroom: Homeroom,
    path: Path<(String, Term)>,
    _form: Posted<Nothing>,
) -> Result<Download, Refused> {
    if !homeroom.may_sign() {
        return Err(Refused::NotFound);
    }
    let (own, term) = (homeroom.class(), path.1);
    hand_out(&homeroom, move |look| SignedClass::own(look, &own, term)).await
}

/// As [`homeroom_booklet`], of any class of the school; its families are told that the
/// office looked.
#[post("/reports/{class}/{term}/booklet")]
pub(super) async fn office_booklet(
    office: SchoolOffice,
    path: Path<(ClassId, Term)>,
    _form: Posted<Nothing>,
) -> Result<Download, Refused> {
    let ((class, term), whole) = (path.into_inner(), office.whole_school());
    hand_out(&office, move |look| SignedClass::of_school(look, whole, class, term)).await
}
