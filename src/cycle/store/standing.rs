use crate::access::own::{notice, objection, objection_step, seal, signature, stage_signature};
use crate::access::{Look, OwnClass, Refused};
use crate::cycle::windows::lengthened;
use crate::cycle::{Part, Signing, Step, StepKind, Window};
use crate::names::ObjectionId;
use crate::roster::calendar::TermDates;
use crate::schema::{stage_window, term, window_extension};
use chrono::{NaiveDate, NaiveDateTime};
use diesel::dsl::max;
use diesel::prelude::*;
use std::collections::BTreeMap;

/// How far one's own class is in the present term, and until when what is open.
#[derive(Clone, Debug)]
pub struct ClassStanding {
    pub dates: TermDates,
    pub windows: BTreeMap<Step, Window>,
    pub signed_at: Option<NaiveDateTime>,
    /// First and last day of the one full notice.
    pub notice: Option<(NaiveDate, NaiveDate)>,
    /// The last day of the second notices of what objections changed.
    pub noticed_again_until: Option<NaiveDate>,
    pub checked_at: Option<NaiveDateTime>,
    /// When the first pupil's term was sealed.
    pub sealed_at: Option<NaiveDateTime>,
    /// For each objection that waits for an answer, by when it is due.
    pub objections: Vec<Option<NaiveDate>>,
}

impl ClassStanding {
    pub fn window(&self, step: Step) -> Window {
        self.windows.get(&step).cloned().unwrap_or_default()
    }
}

/// Everything a class's desk needs of the cycle. One statement.
pub fn class_standing(look: &mut Look, own: &OwnClass) -> Result<ClassStanding, Refused> {
    type Stages = (
        Option<NaiveDateTime>,
        Option<NaiveDate>,
        Option<NaiveDate>,
        Option<NaiveDate>,
        Option<NaiveDateTime>,
        Option<NaiveDateTime>,
    );
    type Row = (
        TermDates,
        Stages,
        Option<(Step, Option<NaiveDate>, Option<NaiveDate>)>,
        Option<(NaiveDate, String)>,
        Option<(ObjectionId, StepKind, Option<NaiveDate>)>,
    );
    let (school, class, of) = (look.school(), own.id(), own.term());
    let signed = look
        .own(signature::rows)
        .filter(signature::class_id.eq(class))
        .filter(signature::term.eq(of))
        .select(signature::at)
        .single_value();
    let noticed = || {
        look.own(notice::rows)
            .filter(notice::class_id.eq(class))
            .filter(notice::term.eq(of))
            .filter(notice::part.eq(Part::Term))
    };
    let first_on = noticed().filter(notice::round.eq(1)).select(notice::first_on).single_value();
    let last_on = noticed().filter(notice::round.eq(1)).select(notice::last_on).single_value();
    let again = noticed().filter(notice::round.gt(1)).select(max(notice::last_on)).single_value();
    let checked = look
        .own(stage_signature::rows)
        .filter(stage_signature::class_id.eq(class))
        .filter(stage_signature::term.eq(of))
        .filter(stage_signature::part.eq(Part::Term))
        .filter(stage_signature::step.eq(Signing::Checked))
        .select(stage_signature::at)
        .single_value();
    let sealed = look
        .own(seal::rows)
        .filter(seal::class_id.eq(class))
        .filter(seal::term.eq(of))
        .filter(seal::part.eq(Part::Term.code()))
        .select(seal::at)
        .single_value();
    let rows: Vec<Row> = term::table
        .left_join(stage_window::table.on(stage_window::term.eq(term::id)))
        .left_join(
            window_extension::table.on(window_extension::term
                .eq(term::id)
                .and(window_extension::step.nullable().eq(stage_window::step.nullable()))
                .and(window_extension::school_id.eq(school))),
        )
        .left_join(
            objection::joined().on(objection::term
                .eq(term::id)
                .and(objection::school_id.eq(school))
                .and(objection::class_id.eq(class))
                .and(objection::part.eq(Part::Term))),
        )
        .left_join(
            objection_step::joined().on(objection_step::school_id
                .eq(school)
                .and(objection_step::objection_id.nullable().eq(objection::id.nullable()))),
        )
        .filter(term::id.eq(of))
        .order((stage_window::revision, window_extension::revision, objection_step::n))
        .select((
            (term::id, term::starts_on, term::ends_on),
            (signed, first_on, last_on, again, checked, sealed),
            (stage_window::step, stage_window::opens_on, stage_window::closes_on).nullable(),
            (window_extension::closes_on, window_extension::reason).nullable(),
            (objection_step::objection_id, objection_step::kind, objection_step::due_on).nullable(),
        ))
        .load(look.conn())?;
    let Some((dates, (signed_at, first_on, last_on, noticed_again_until, checked_at, sealed_at), ..)) =
        rows.first().cloned()
    else {
        return Err(Refused::NotFound);
    };
    // Of windows, extensions and steps the highest number is met last and stands.
    let (mut windows, mut longer, mut newest) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for (_, _, window, extension, step) in rows {
        if let Some((of, opens_on, closes_on)) = window {
            windows.insert(of, Window { opens_on, closes_on, extended: None });
            if let Some((closes_on, reason)) = extension {
                longer.insert(of, (closes_on, reason));
            }
        }
        if let Some((objection, kind, due_on)) = step {
            newest.insert(objection, (kind, due_on));
        }
    }
    let longer = longer.into_iter().map(|(step, (closes_on, reason))| (step, closes_on, reason));
    Ok(ClassStanding {
        dates,
        windows: lengthened(windows, longer),
        signed_at,
        notice: first_on.zip(last_on),
        noticed_again_until,
        checked_at,
        sealed_at,
        objections: newest.into_values().filter(|(kind, _)| kind.waits()).map(|(_, due_on)| due_on).collect(),
    })
}
