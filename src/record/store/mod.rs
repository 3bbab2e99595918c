//! What is kept of activities and records. Rows are added, never changed: the highest
//! revision of a telling and of a record stands.

mod at_end;
mod book;
mod chosen;
mod contact;
mod decide;
mod fact;
mod fed;
mod housework;
mod kept;
mod made;
mod pledge;
mod review;
mod roll;
mod selection;
mod state;
mod submit;
mod timeline;
mod titles;
mod told;

pub use at_end::{FactAtEnd, ToldAtEnd, facts_at_end, record_ever};
pub use book::{Booked, Brief, class_book};
pub(super) use chosen::chosen_among;
pub use contact::{
    Contact, NewContact, Reply, ReplyToContact, ShareContact, WriteContact, class_contacts, family_contacts,
    shared_contacts,
};
pub use decide::{Correction, record_authors, record_now, unconfirmed_among, unconfirmed_records};
pub use fact::{Fact, FactPupil, confirmed_facts, graduation_facts};
pub use fed::{Fed, FedPupil, put_fed, standing_in};
pub use housework::{ClassWeek, Housework, SayHousework, class_housework, housework_of};
pub use kept::{Kept, class_records, records_among, records_of, records_of_term};
use kept::{kept_among, kept_by_pupil};
pub(super) use made::writer_of;
pub use made::{ClassActivity, Made, RecordActivity, class_activities};
pub use pledge::{Pledge, has_pledged};
pub use review::{ReviewRecords, Ruling};
pub use roll::{DayTaken, Roll, RollTold, TakeRoll, monday_of, rolls_of, week_rolls};
pub use selection::{
    OpenSelection, SelectRecords, Selected, Selection, WHY_CHARACTERS, child_selection, class_selections, may_select,
    selected_among, unselected_among,
};
use state::{NewState, put_state, put_states};
pub use submit::{SubmitRecord, TakeBack};
pub use timeline::{CARDS_A_PAGE, Timeline, timeline_of};
pub use titles::{DomainTitles, RecordTitles, record_titles};
use told::{newest_telling, put_telling};
