//! Schools, classes, pupils, teachers, guardians and the calendar.

pub mod calendar;
pub mod curriculum;
pub mod movement;
mod number;
pub mod pages;
pub mod reading;
mod store;
mod template;

pub use number::{CitizenNumber, DOCUMENT_PLACE, NUMBER_PLACE, PHONE_PLACE, StudentNumber, mask};
pub use store::asked::{AnswerData, AskData, DataRequest, data_requests};
pub use store::calendar::{AddDays, AnnounceYear, CalendarDay, DayKind, RemoveDay, calendar_days, calendar_years};
pub use store::case::{
    CaseRow, EndCase, OpenCase, case_stands, cases, child_cases, end_cases_of, my_cases, pupil_named,
};
pub use store::class::{AtSchool, ClassRow, OpenClass, at_school, class_names, classes, taught_classes};
pub use store::consent::ConsentChanged;
pub use store::duty::{AppointCounty, CountyStaff, county_staff};
pub use store::family::{
    AttestGuardian, Bound, FamilyOf, Reaches, RuleGuardianship, Ruling, Ward, family_link, family_of, family_phone,
    ward,
};
pub use store::find::{FoundPupil, find_pupils};
pub use store::guardian::BindGuardian;
pub use store::held::{Held, held};
pub use store::import::{
    ChangeNote, DryRun, RowVerdict, TakeRoster, Taken, Taking, UndoTaking, Verdict, WaitForTaking, refused_workbook,
    take_waiting, takings_of_today,
};
pub use store::movement::{Change, FormalNumber, MovePupil, Movement, PupilFile, pupil_file, pupil_to_take};
pub use store::officers::{Officer, OfficerLeft, is_officer, managed, officer_link, officer_without_phone, officers};
pub use store::opening::{Carried, Leaver, OpenTerm, Opening, is_open, opening, term_to_open};
pub use store::post::{EndPost, LeaveStaff, PostRow, StaffMember, staff};
pub use store::pupil::{AdmitPupil, FamilyMember, NewPupil, Pupil, class_list, class_numbers};
pub use store::register::{Registered, class_named, class_register, present_among};
pub use store::regroup::{Regroup, RegroupRun, RegroupVerdict, RegroupWaits, regroup_rows};
pub use store::reseal::{ResealPupils, ResealSchool};
pub use store::school::{JoinSchool, School, schools};
pub use store::seats::NumberSeats;
pub use store::slip::{JoinChild, MakeSlips, Slip, SlipFound, bound_among, masked_name, slip_found};
pub use store::staff::{AppointStaff, Appointment, Position, SEVERAL, homerooms, staff_of};
pub use store::staff_sheet::{StaffRow, StaffRun, StaffVerdict, TakeStaff, staff_rows};
pub use store::terms::{AddTerm, Fields, MoveTerm, TermState, is_signed_anywhere, term_rule};
pub use template::roster_template;

pub use store::waiting::{keep_waiting, take_out};
