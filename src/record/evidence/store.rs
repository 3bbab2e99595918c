//! Which photos hang on which activity, who may see them, and whether they may be seen.

use super::{NewPhoto, too_many};
use crate::access::own::{evidence, record};
use crate::access::{Child, Look, MOST_PHOTOS, OwnClass, Refused, Tx};
use crate::names::{AccountId, ActivityId, StudentId};
use crate::platform::picture::Alike;
use crate::record::State;
use crate::record::store::writer_of;
use crate::roster::calendar::term_dates;
use crate::roster::class_list;
use crate::schema::{consent, guardianship, loose_photo};
use chrono::{Duration, NaiveDateTime};
use diesel::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Whether the photos of an activity may be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Consent {
    Stands,
    /// Of so many children no guardian has consented yet.
    Waits(usize),
    /// A guardian has taken consent back.
    Withdrawn,
}

#[derive(Clone, Debug)]
pub struct Photo {
    pub ordinal: i32,
    pub width: i32,
    pub height: i32,
}

/// The photos of one activity as they may be seen now.
#[derive(Clone, Debug, Default)]
pub struct Photos {
    /// None while a consent is missing.
    pub seen: Vec<Photo>,
    /// Kept and not shown, and of how many children consent is still missing.
    pub hidden: Option<(usize, usize)>,
    /// Other activities with a photo that looks the same as one of these.
    pub like: BTreeSet<ActivityId>,
}

/// The children of some activities: those whose record of it was not taken back.
pub(super) fn children_of(
    look: &mut Look,
    activities: &[ActivityId],
) -> Result<BTreeMap<ActivityId, BTreeMap<StudentId, State>>, Refused> {
    let rows: Vec<(ActivityId, StudentId, State)> = look
        .own(record::rows)
        .filter(record::activity_id.eq_any(activities))
        .order(record::revision)
        .select((record::activity_id, record::student_id, record::state))
        .load(look.conn())?;
    let mut of: BTreeMap<ActivityId, BTreeMap<StudentId, State>> = BTreeMap::new();
    // The highest revision is met last and stands.
    for (activity, student, state) in rows {
        of.entry(activity).or_default().insert(student, state);
    }
    for children in of.values_mut() {
        children.retain(|_, state| *state != State::Withdrawn);
    }
    Ok(of)
}

/// For some activities, whether guardians of every child in it consent: of each child
/// one does, and none has taken it back.
pub(super) fn consents(look: &mut Look, activities: &[ActivityId]) -> Result<HashMap<ActivityId, Consent>, Refused> {
    let of = children_of(look, activities)?;
    let students: BTreeSet<StudentId> = of.values().flat_map(BTreeMap::keys).copied().collect();
    let rows: Vec<(StudentId, AccountId, Option<NaiveDateTime>)> =
        guardianship::table
            .inner_join(consent::table.on(
                consent::account_id.eq(guardianship::account_id).and(consent::student_id.eq(guardianship::student_id)),
            ))
            .filter(guardianship::student_id.eq_any(students))
            .filter(guardianship::ended_at.is_null())
            .select((guardianship::student_id, guardianship::account_id, consent::withdrawn_at))
            .load(look.conn())?;
    let mut stands: BTreeMap<(StudentId, AccountId), bool> = BTreeMap::new();
    for (student, guardian, withdrawn_at) in rows {
        *stands.entry((student, guardian)).or_default() |= withdrawn_at.is_none();
    }
    let mut children: HashMap<StudentId, bool> = HashMap::new();
    for ((student, _), stands) in stands {
        *children.entry(student).or_insert(true) &= stands;
    }
    Ok(of
        .into_iter()
        .map(|(activity, in_it)| {
            let waits = in_it.keys().filter(|student| !children.contains_key(*student)).count();
            let withdrawn = in_it.keys().any(|student| children.get(student) == Some(&false));
            let consent = match (withdrawn, waits) {
                (true, _) => Consent::Withdrawn,
                (false, 0) if !in_it.is_empty() => Consent::Stands,
                (false, waits) => Consent::Waits(waits),
            };
            (activity, consent)
        })
        .collect())
}

/// The photos of some activities that the one who asks has found already, as they may
/// be seen.
pub fn photos_among(look: &mut Look, activities: &[ActivityId]) -> Result<HashMap<ActivityId, Photos>, Refused> {
    let rows: Vec<(ActivityId, i32, i32, i32, Option<ActivityId>)> = look
        .own(evidence::rows)
        .filter(evidence::activity_id.eq_any(activities))
        .order((evidence::activity_id, evidence::ordinal))
        .select((evidence::activity_id, evidence::ordinal, evidence::width, evidence::height, evidence::like_activity))
        .load(look.conn())?;
    let with: Vec<ActivityId> = rows.iter().map(|row| row.0).collect::<BTreeSet<_>>().into_iter().collect();
    if with.is_empty() {
        return Ok(HashMap::new());
    }
    let consents = consents(look, &with)?;
    let mut of: HashMap<ActivityId, Photos> = HashMap::new();
    for (activity, ordinal, width, height, like) in rows {
        let photos = of.entry(activity).or_default();
        photos.like.extend(like);
        match consents.get(&activity) {
            Some(Consent::Stands) => photos.seen.push(Photo { ordinal, width, height }),
            Some(Consent::Waits(children)) => photos.hidden = Some((photos.hidden.map_or(1, |h| h.0 + 1), *children)),
            Some(Consent::Withdrawn) | None => photos.hidden = Some((photos.hidden.map_or(1, |h| h.0 + 1), 0)),
        }
    }
    Ok(of)
}

/// Which of a photo's two files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    Whole,
    Small,
}

fn file_of(look: &mut Look, activity: ActivityId, ordinal: i32, size: Size) -> Result<String, Refused> {
    if consents(look, &[activity])?.get(&activity) != Some(&Consent::Stands) {
        return Err(Refused::NotFound);
    }
    let (whole, small): (String, String) = look
        .own(evidence::rows)
        .filter(evidence::activity_id.eq(activity))
        .filter(evidence::ordinal.eq(ordinal))
        .select((evidence::sha256, evidence::thumb_sha256))
        .first(look.conn())
        .optional()?
        .ok_or(Refused::NotFound)?;
    Ok(if size == Size::Whole { whole } else { small })
}

/// The file of a photo that the homeroom teacher of this class may see: of an activity
/// of the class, or one that a pupil of it was in.
///
/// # Errors
/// [`Refused::NotFound`] otherwise, and while a consent is missing.
pub fn seen_by_class(
    look: &mut Look,
    own: &OwnClass,
    activity: ActivityId,
    ordinal: i32,
    size: Size,
) -> Result<String, Refused> {
    let pupils: BTreeSet<StudentId> = {
        let dates = term_dates(look, own.term())?;
        class_list(look, own, dates)?.into_iter().map(|pupil| pupil.id).collect()
    };
    let in_it = children_of(look, &[activity])?.remove(&activity).unwrap_or_default();
    // A draft is its writer's own.
    if !in_it.iter().any(|(student, state)| *state != State::Draft && pupils.contains(student)) {
        return Err(Refused::NotFound);
    }
    file_of(look, activity, ordinal, size)
}

/// The file of a photo of an activity that this child was in.
///
/// # Errors
/// As [`seen_by_class`]; a draft is only for who writes it.
pub fn seen_by_family(
    look: &mut Look,
    child: Child,
    me: AccountId,
    activity: ActivityId,
    ordinal: i32,
    size: Size,
) -> Result<String, Refused> {
    let in_it = children_of(look, &[activity])?.remove(&activity).unwrap_or_default();
    match in_it.get(&child.student()) {
        None => return Err(Refused::NotFound),
        Some(State::Draft) if writer_of(look, activity)? != Some(me) => return Err(Refused::NotFound),
        Some(_) => {}
    }
    file_of(look, activity, ordinal, size)
}

/// A photo is laid beside those of the last year, and of them beside the newest so many:
/// one upload costs the same in a school's tenth year as in its first. With up to eight
/// of 64 bits differing, chunks of the bits as a key would let through nearly half of
/// all photos, so that time is the narrower sieve.
const LIKE_DAYS: i64 = 365;
const LIKE_AMONG: i64 = 5_000;

/// For each photo, an activity of this school that has one which looks the same, the
/// newest first. Missed is what came more than a year ago, what more than five thousand
/// newer photos lie upon, and what another school has.
pub(super) fn like(look: &mut Look, photos: &[Alike]) -> Result<Vec<Option<ActivityId>>, Refused> {
    let since = look.now() - Duration::days(LIKE_DAYS);
    let rows: Vec<(ActivityId, Vec<u8>)> = look
        .own(evidence::rows)
        .filter(evidence::at.ge(since))
        .order((evidence::at.desc(), evidence::activity_id, evidence::ordinal))
        .limit(LIKE_AMONG)
        .select((evidence::activity_id, evidence::looks))
        .load(look.conn())?;
    let kept: Vec<(ActivityId, Alike)> =
        rows.into_iter().filter_map(|(id, bytes)| Some((id, Alike::kept(bytes)?))).collect();
    Ok(photos.iter().map(|photo| kept.iter().find(|(_, earlier)| earlier.may_be(photo)).map(|(id, _)| *id)).collect())
}

/// Those photos that are not on the activity yet: the same form sent twice adds them once.
///
/// # Errors
/// [`Refused::Invalid`] at `photos` when there would be more than nine.
pub fn new_for(look: &mut Look, activity: ActivityId, photos: Vec<NewPhoto>) -> Result<Vec<NewPhoto>, Refused> {
    let there: Vec<String> = look
        .own(evidence::rows)
        .filter(evidence::activity_id.eq(activity))
        .select(evidence::sha256)
        .load(look.conn())?;
    let mut new: Vec<NewPhoto> = Vec::new();
    for photo in photos {
        if !there.contains(&photo.sha256) && !new.iter().any(|earlier| earlier.sha256 == photo.sha256) {
            new.push(photo);
        }
    }
    if there.len() + new.len() > MOST_PHOTOS {
        return Err(too_many(there.len()));
    }
    Ok(new)
}

/// Hangs photos on an activity, in the act that tells it.
///
/// # Errors
/// [`Refused::Conflict`] when a file of theirs was deleted in the meantime.
pub fn put_photos(tx: &mut Tx, id: ActivityId, photos: &[NewPhoto]) -> Result<(), Refused> {
    let (by, role, at) = (tx.by().person()?, tx.by().role(), tx.now());
    if photos.is_empty() {
        return Ok(());
    }
    let last: Option<i32> = tx
        .own(evidence::rows)
        .filter(evidence::activity_id.eq(id))
        .select(diesel::dsl::max(evidence::ordinal))
        .first(tx.conn())?;
    hold_files(tx, &photos.iter().collect::<Vec<_>>())?;
    for (photo, ordinal) in photos.iter().zip(last.unwrap_or(0) + 1..) {
        tx.put(
            evidence::rows,
            (
                (evidence::activity_id.eq(id), evidence::ordinal.eq(ordinal)),
                (evidence::sha256.eq(photo.sha256.clone()), evidence::thumb_sha256.eq(photo.thumb_sha256.clone())),
                (evidence::bytes.eq(photo.bytes), evidence::width.eq(photo.width), evidence::height.eq(photo.height)),
                evidence::looks.eq(photo.looks.bytes().to_vec()),
                evidence::like_activity.eq(photo.like.filter(|like| *like != id)),
                (evidence::account_id.eq(by), evidence::role.eq(role.code()), evidence::at.eq(at)),
            ),
        )?;
    }
    Ok(())
}

/// Takes the files of photos in hand, in the act that puts a row which names them.
///
/// # Errors
/// [`Refused::Conflict`] when one was deleted in the meantime.
pub fn hold_files(tx: &mut Tx, photos: &[&NewPhoto]) -> Result<(), Refused> {
    let mut files: Vec<&str> =
        photos.iter().flat_map(|photo| [photo.sha256.as_str(), photo.thumb_sha256.as_str()]).collect();
    // In one order everywhere, or two forms could wait for each other.
    files.sort_unstable();
    files.dedup();
    for sha256 in files {
        touch(tx, sha256)?;
    }
    Ok(())
}

/// The file is in hand again: whoever deletes what is loose passes it by.
fn touch(tx: &mut Tx, sha256: &str) -> Result<(), Refused> {
    let standing = loose_photo::table.filter(loose_photo::sha256.eq(sha256)).filter(loose_photo::going.eq(false));
    let now = tx.now();
    match diesel::update(standing).set(loose_photo::since.eq(now)).execute(tx.conn())? {
        0 => Err(deleted_just_now()),
        _ => Ok(()),
    }
}

fn deleted_just_now() -> Refused {
    Refused::conflict("这张照片刚才正在被删除，没有存上。请过一分钟再提交一次。")
}

/// Files may be loose from now on: they are about to be written, or a row has gone.
///
/// # Errors
/// [`Refused::Conflict`] while one of them is being deleted.
pub fn loosen(tx: &mut Tx, files: &[String]) -> Result<(), Refused> {
    let now = tx.now();
    for sha256 in files {
        let there: Option<bool> = loose_photo::table
            .filter(loose_photo::sha256.eq(sha256))
            .select(loose_photo::going)
            .first(tx.conn())
            .optional()?;
        match there {
            Some(true) => return Err(deleted_just_now()),
            Some(false) => touch(tx, sha256)?,
            None => {
                diesel::insert_into(loose_photo::table)
                    .values((loose_photo::sha256.eq(sha256), loose_photo::since.eq(now), loose_photo::going.eq(false)))
                    .execute(tx.conn())?;
            }
        }
    }
    Ok(())
}

pub(super) fn remove(tx: &mut Tx, activity: ActivityId, ordinal: i32) -> Result<(), Refused> {
    use crate::access::own::Owned;
    let table = evidence::rows.table();
    let school = tx.school();
    let row = table
        .filter(evidence::school_id.eq(school))
        .filter(evidence::activity_id.eq(activity))
        .filter(evidence::ordinal.eq(ordinal));
    diesel::delete(row).execute(tx.conn())?;
    Ok(())
}
