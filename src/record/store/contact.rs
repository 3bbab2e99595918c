use crate::access::{Act, Attempt, Charge, Child, Look, OwnClass, Refused, Tx};
use crate::cycle::SignedClass;
use crate::names::{ContactId, StudentId, Term};
use crate::record::{ContactKind, WORDS_CHARACTERS};
use chrono::NaiveDate;
use diesel::dsl::max;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;
use std::collections::{BTreeMap, HashMap};

crate::school_table!(contact (id, revision) {
    id -> Guid,
    revision -> Integer,
    term -> Integer,
    class_id -> Guid,
    kind -> Text,
    day -> Date,
    place -> Nullable<Text>,
    words -> Text,
    shared -> Bool,
    account_id -> Guid,
    at -> Timestamp,
});

crate::school_table!(contact_family (contact_id, student_id) {
    contact_id -> Guid,
    student_id -> Guid,
});

crate::school_table!(contact_reply (contact_id, student_id, revision) {
    contact_id -> Guid,
    student_id -> Guid,
    revision -> Integer,
    coming -> Bool,
    words -> Nullable<Text>,
    account_id -> Guid,
    at -> Timestamp,
});

/// What school and a family said to each other, or will.
#[derive(Clone, Debug)]
pub struct Contact {
    pub id: ContactId,
    pub revision: i32,
    pub kind: ContactKind,
    pub day: NaiveDate,
    pub place: Option<String>,
    pub words: String,
    pub shared: bool,
    /// With whose families, and what they answered.
    pub families: BTreeMap<StudentId, Option<Reply>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub coming: bool,
    pub words: Option<String>,
}

type Row = (ContactId, i32, ContactKind, NaiveDate, Option<String>, String, bool);

const COLUMNS: (
    contact::id,
    contact::revision,
    contact::kind,
    contact::day,
    contact::place,
    contact::words,
    contact::shared,
) = (contact::id, contact::revision, contact::kind, contact::day, contact::place, contact::words, contact::shared);

fn laid(look: &mut Look, rows: Vec<Row>, only: Option<StudentId>) -> Result<Vec<Contact>, Refused> {
    let mut newest: HashMap<ContactId, Contact> = HashMap::new();
    for (id, revision, kind, day, place, words, shared) in rows {
        let families = BTreeMap::new();
        newest.insert(id, Contact { id, revision, kind, day, place, words, shared, families });
    }
    let ids: Vec<ContactId> = newest.keys().copied().collect();
    let families: Vec<(ContactId, StudentId)> = look
        .own(contact_family::rows)
        .filter(contact_family::contact_id.eq_any(&ids))
        .select((contact_family::contact_id, contact_family::student_id))
        .load(look.conn())?;
    let replies: Vec<(ContactId, StudentId, bool, Option<String>)> = look
        .own(contact_reply::rows)
        .filter(contact_reply::contact_id.eq_any(&ids))
        .order(contact_reply::revision)
        .select((contact_reply::contact_id, contact_reply::student_id, contact_reply::coming, contact_reply::words))
        .load(look.conn())?;
    let wanted = |student: StudentId| only.is_none_or(|only| only == student);
    for (id, student) in families.into_iter().filter(|(_, student)| wanted(*student)) {
        if let Some(contact) = newest.get_mut(&id) {
            contact.families.insert(student, None);
        }
    }
    for (id, student, coming, words) in replies.into_iter().filter(|(_, student, ..)| wanted(*student)) {
        if let Some(contact) = newest.get_mut(&id) {
            contact.families.insert(student, Some(Reply { coming, words }));
        }
    }
    let mut all: Vec<Contact> = newest.into_values().collect();
    all.sort_by_key(|contact| std::cmp::Reverse((contact.day, contact.id)));
    Ok(all)
}

/// The contact log of one's own class in a term, the newest day first.
pub fn class_contacts(look: &mut Look, own: &OwnClass, term: Term) -> Result<Vec<Contact>, Refused> {
    let rows: Vec<Row> = look
        .own(contact::rows)
        .filter(contact::class_id.eq(own.id()))
        .filter(contact::term.eq(term))
        .order(contact::revision)
        .select(COLUMNS)
        .load(look.conn())?;
    laid(look, rows, None)
}

/// What of it is shared with this child's family.
pub fn family_contacts(look: &mut Look, child: Child) -> Result<Vec<Contact>, Refused> {
    let ids: Vec<ContactId> = look
        .own(contact_family::rows)
        .filter(contact_family::student_id.eq(child.student()))
        .select(contact_family::contact_id)
        .load(look.conn())?;
    let rows: Vec<Row> = look
        .own(contact::rows)
        .filter(contact::id.eq_any(&ids))
        .order(contact::revision)
        .select(COLUMNS)
        .load(look.conn())?;
    let mut contacts = laid(look, rows, Some(child.student()))?;
    contacts.retain(|contact| contact.shared);
    Ok(contacts)
}

/// For the class booklet: what of the term was said with the families of a signed class
/// and is shared with them, by the day, the earliest first. What stays in the school is
/// left out, and so are what lies ahead and the families of other classes.
pub fn shared_contacts(look: &mut Look, signed: &SignedClass) -> Result<Vec<Contact>, Refused> {
    let (today, students) = (look.today(), signed.ids());
    let ids: Vec<ContactId> = look
        .own(contact_family::rows)
        .filter(contact_family::student_id.eq_any(&students))
        .select(contact_family::contact_id)
        .distinct()
        .load(look.conn())?;
    let rows: Vec<Row> = look
        .own(contact::rows)
        .filter(contact::term.eq(signed.term()))
        .filter(contact::id.eq_any(&ids))
        .order(contact::revision)
        .select(COLUMNS)
        .load(look.conn())?;
    let mut contacts = laid(look, rows, None)?;
    contacts.retain(|contact| contact.shared && contact.day <= today);
    for contact in &mut contacts {
        contact.families.retain(|student, _| students.contains(student));
    }
    contacts.reverse();
    Ok(contacts)
}

/// What is written down of a contact.
#[derive(Clone, Debug, Serialize)]
pub struct NewContact {
    pub id: ContactId,
    pub kind: ContactKind,
    pub day: NaiveDate,
    pub place: Option<String>,
    pub words: String,
    /// Whether the families it was with see it; else it stays in the school.
    pub shared: bool,
}

/// The homeroom teacher writes a contact down, with one family or many.
#[derive(Serialize)]
pub struct WriteContact {
    class: OwnClass,
    new: NewContact,
    families: Vec<Charge>,
}

impl WriteContact {
    /// # Errors
    /// [`Refused::Invalid`] for an empty or long text, for nobody, for a day ahead that
    /// is no meeting or open day; as [`Tx::taught`].
    pub fn prepare(
        tx: &mut Tx,
        own: &OwnClass,
        new: NewContact,
        families: &[StudentId],
    ) -> Result<Attempt<Self, ContactId>, Refused> {
        if newest(tx, new.id)?.is_some() {
            return Ok(Attempt::Nothing(new.id));
        }
        if new.words.is_empty() {
            return Err(Refused::invalid("words", "谈了什么还空着，写一两句就好。"));
        }
        if new.words.chars().count() > WORDS_CHARACTERS {
            return Err(Refused::invalid("words", format!("最多 {WORDS_CHARACTERS} 个字，请写短一些。")));
        }
        if families.is_empty() {
            return Err(Refused::invalid("families", "还没有选哪位同学的家庭。点一下名字，全班就点“全选”。"));
        }
        let ahead = new.day > tx.today();
        if ahead && !new.kind.may_lie_ahead() {
            return Err(Refused::invalid("day", format!("{} 还没有到。家访和电话请在谈过以后记。", new.day)));
        }
        let charges = tx.taught(own, families)?;
        let mut families: Vec<Charge> = charges.into_values().collect();
        families.sort_by_key(Charge::student);
        Ok(Attempt::Act(WriteContact { class: *own, new: NewContact { shared: new.shared || ahead, ..new }, families }))
    }
}

fn newest(look: &mut Look, id: ContactId) -> Result<Option<i32>, Refused> {
    Ok(look.own(contact::rows).filter(contact::id.eq(id)).select(max(contact::revision)).first(look.conn())?)
}

fn put_contact(tx: &mut Tx, own: &OwnClass, new: &NewContact, revision: i32) -> Result<(), Refused> {
    let (by, at) = (tx.by().person()?, tx.now());
    tx.put(
        contact::rows,
        (
            (contact::id.eq(new.id), contact::revision.eq(revision)),
            (contact::term.eq(own.term()), contact::class_id.eq(own.id())),
            (contact::kind.eq(new.kind), contact::day.eq(new.day)),
            (contact::place.eq(new.place.clone()), contact::words.eq(new.words.clone())),
            contact::shared.eq(new.shared),
            (contact::account_id.eq(by), contact::at.eq(at)),
        ),
    )?;
    Ok(())
}

impl Act for WriteContact {
    const VERB: &'static str = "contact_written";
    type Done = ContactId;

    fn about(&self) -> serde_json::Value {
        json!({ "class": self.class, "contact": self.new.id, "students": self.families })
    }

    fn perform(&self, tx: &mut Tx) -> Result<ContactId, Refused> {
        put_contact(tx, &self.class, &self.new, 1)?;
        for charge in &self.families {
            tx.put(
                contact_family::rows,
                (contact_family::contact_id.eq(self.new.id), contact_family::student_id.eq(charge.student())),
            )?;
        }
        Ok(self.new.id)
    }
}

/// Shares a contact with the families it was with, or keeps it in the school again.
#[derive(Serialize)]
pub struct ShareContact {
    class: OwnClass,
    #[serde(skip)]
    new: NewContact,
    id: ContactId,
    shared: bool,
    revision: i32,
}

impl ShareContact {
    /// # Errors
    /// [`Refused::NotFound`] for a contact of another class or term.
    pub fn prepare(tx: &mut Tx, own: &OwnClass, id: ContactId, shared: bool) -> Result<Attempt<Self, ()>, Refused> {
        let contacts = class_contacts(tx, own, own.term())?;
        let stands = contacts.into_iter().find(|contact| contact.id == id).ok_or(Refused::NotFound)?;
        if stands.shared == shared {
            return Ok(Attempt::Nothing(()));
        }
        let (kind, day, place, words) = (stands.kind, stands.day, stands.place, stands.words);
        let new = NewContact { id, kind, day, place, words, shared };
        Ok(Attempt::Act(ShareContact { class: *own, new, id, shared, revision: stands.revision + 1 }))
    }
}

impl Act for ShareContact {
    const VERB: &'static str = "contact_shared";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({ "class": self.class, "contact": self.id, "shared": self.shared })
    }

    fn perform(&self, tx: &mut Tx) -> Result<(), Refused> {
        put_contact(tx, &self.class, &self.new, self.revision)
    }
}

/// A guardian answers an invitation.
#[derive(Serialize)]
pub struct ReplyToContact {
    child: Child,
    id: ContactId,
    coming: bool,
    words: Option<String>,
    revision: i32,
}

impl ReplyToContact {
    /// # Errors
    /// [`Refused::NotFound`] for what is not shared with this family;
    /// [`Refused::Conflict`] when the day is over.
    pub fn prepare(
        tx: &mut Tx,
        child: Child,
        id: ContactId,
        coming: bool,
        words: Option<String>,
    ) -> Result<Attempt<Self, ()>, Refused> {
        let contacts = family_contacts(tx, child)?;
        let stands = contacts.into_iter().find(|contact| contact.id == id).ok_or(Refused::NotFound)?;
        if stands.day < tx.today() {
            return Err(Refused::conflict("这一天已经过了，不用再回复。"));
        }
        if words.as_ref().is_some_and(|words| words.chars().count() > WORDS_CHARACTERS) {
            return Err(Refused::invalid("words", format!("最多 {WORDS_CHARACTERS} 个字，请写短一些。")));
        }
        if stands.families.get(&child.student()) == Some(&Some(Reply { coming, words: words.clone() })) {
            return Ok(Attempt::Nothing(()));
        }
        let last: Option<i32> = tx
            .own(contact_reply::rows)
            .filter(contact_reply::contact_id.eq(id))
            .filter(contact_reply::student_id.eq(child.student()))
            .select(max(contact_reply::revision))
            .first(tx.conn())?;
        Ok(Attempt::Act(ReplyToContact { child, id, coming, words, revision: last.unwrap_or(0) + 1 }))
    }
}

impl Act for ReplyToContact {
    const VERB: &'static str = "contact_answered";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({ "student": self.child, "contact": self.id })
    }

    fn perform(&self, tx: &mut Tx) -> Result<(), Refused> {
        let (by, at) = (tx.by().person()?, tx.now());
        tx.put(
            contact_reply::rows,
            (
                contact_reply::contact_id.eq(self.id),
                contact_reply::student_id.eq(self.child.student()),
                contact_reply::revision.eq(self.revision),
                contact_reply::coming.eq(self.coming),
                contact_reply::words.eq(self.words.clone()),
                (contact_reply::account_id.eq(by), contact_reply::at.eq(at)),
            ),
        )?;
        Ok(())
    }
}
