//! Who may do what. The database is a private field of the [`Door`]; a keeper
//! stands before each scope of addresses and gives a grant to whom it may
//! concern, or answers 404. Stores read and write through what a grant opens
//! ([`Look`], [`Tx`]) and carry proofs ([`OwnClass`], [`Charge`], [`Child`])
//! instead of ids: checking one id and using another does not compile.

mod act;
mod between;
mod case;
mod county;
mod desks;
mod door;
mod family;
mod forms;
mod homeroom;
mod inbox;
mod keeper;
mod looked;
mod operator;
pub mod own;
mod owner;
mod posts;
mod refused;
mod session;
mod shell;
mod staff;
mod subject;
mod visitor;

pub use act::{Act, Attempt, CountyWide, Desk, InSchool, Look, Scope, Tx};
pub use between::{ActBetween, Former};
pub use case::{CaseItem, CaseView, case_only};
pub use county::{
    BeforeCounty, CountyAudit, CountySecurity, CountySystem, EverySchool, before_county, county_audit_only,
    county_security_only, county_system_only,
};
pub use desks::DeskPlace;
pub use door::{Door, House, off_the_loop};
pub use family::{Child, Family, Guardian, Myself, family_only};
pub use forms::{MOST_PHOTOS, Nothing, Posted, PostedJson, PostedPhotos, SentPhoto, Upload, safe_next};
pub use homeroom::{Charge, Homeroom, KnownClass, OwnClass, Standing, homeroom_only};
pub use inbox::{Families, Letter, Matter as Said, Told as LetterOf, families};
pub use operator::{Operator, StandIn};
pub use owner::{OpenSession, Owner, owner_only};
pub use posts::{Committee, Health, Organiser, Posts, TendedClass, committee_only, health_only, organiser_only};
pub use refused::{ErrorPage, Fault, REQUEST_NUMBER, Refused, Told};
pub use session::farewell_cookie;
pub use shell::Shell;
pub use staff::{Principal, SchoolName, SchoolOffice, Teacher, WholeSchool, office_only, principal_only, teacher_only};
pub use subject::{OwnSubject, PHYSICAL_EDUCATION, PhysicalEducation, Subject, physical_education_only, subject_only};
pub use visitor::{Threshold, Visitor, anyone};

use crate::names::{AccountId, Role};

/// Who acts, and in which capacity: what the journal writes down.
#[derive(Clone, Debug)]
pub struct Actor {
    account: Option<AccountId>,
    role: Role,
    name: String,
}

impl Actor {
    /// `None` for someone at the server's command line.
    pub fn account(&self) -> Option<AccountId> {
        self.account
    }

    pub fn role(&self) -> Role {
        self.role
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// The account, for a row that says who wrote it.
    ///
    /// # Errors
    /// [`Refused::Conflict`] at the command line, where there is no account.
    pub fn person(&self) -> Result<AccountId, Refused> {
        self.account.ok_or_else(|| Refused::conflict("这件事要有人署名，请登录后在页面上做。"))
    }
}
