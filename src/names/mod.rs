//! The words everyone uses: ids, domains, terms, roles. No rules that need a
//! database, no I/O.

mod class;
mod consent;
mod duty;
pub mod kept_for;
mod term;

pub use class::{ClassName, Cohort, Grade};
pub use consent::{ConsentPoint, ConsentText, ConsentTexts};
pub use duty::Duty;
pub use kept_for::KeptFor;
pub use term::{Half, Term};

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::{Integer, Text};
use serde::{Deserialize, Serialize};

crate::id!(
    AccountId,
    SessionId,
    DeviceId,
    MembershipId,
    StudentId,
    GuardianshipId,
    ClassId,
    EnrolmentId,
    PostId,
    RunId,
    ConsentId,
    MovementId,
    HandoverId,
    DisputeId,
    RequestId,
    NoticeId,
    CorrectionId,
    ObjectionId,
    ActivityId,
    ContactId,
    CaseId,
    TakingId,
    ReminderId,
    LetterId,
    SendingId,
);

/// A school's number in this county, given when it joins; first part of the key
/// of every row that belongs to a school.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, AsExpression, FromSqlRow, Serialize, Deserialize,
)]
#[diesel(sql_type = Integer)]
#[serde(transparent)]
pub struct SchoolId(pub i32);

crate::integer_column!(SchoolId);

/// The five domains 五育, in the order of the county's document (articles 5–9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum Domain {
    Moral,
    Academic,
    Physical,
    Aesthetic,
    Labour,
}

crate::text_code!(Domain {
    Moral = "moral",
    Academic = "academic",
    Physical = "physical",
    Aesthetic = "aesthetic",
    Labour = "labour",
});

impl Domain {
    /// The one character that stands for it.
    pub fn character(self) -> &'static str {
        match self {
            Domain::Moral => "德",
            Domain::Academic => "智",
            Domain::Physical => "体",
            Domain::Aesthetic => "美",
            Domain::Labour => "劳",
        }
    }
}

/// In which capacity someone acts; the journal names it beside the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum Role {
    Homeroom,
    Deputy,
    Subject,
    /// Records for several classes, never bands: 德育处, 团队, 体艺.
    Organiser,
    /// A member of the 综评委员会.
    Committee,
    /// The school's doctor.
    Health,
    /// Someone of the staff, beyond their posts.
    Teacher,
    /// Whom a case names: one term of one child.
    Case,
    Guardian,
    Learner,
    SchoolOffice,
    Principal,
    /// The county's 系统管理; the other two duties follow.
    County,
    CountySecurity,
    CountyAudit,
    Supervisor,
    Visitor,
    /// Someone at the server's own command line.
    Operator,
    /// The account's owner, about the account itself.
    Owner,
}

crate::text_code!(Role {
    Homeroom = "homeroom",
    Deputy = "deputy",
    Subject = "subject",
    Organiser = "organiser",
    Committee = "committee",
    Health = "health",
    Teacher = "teacher",
    Case = "case",
    Guardian = "guardian",
    Learner = "pupil",
    SchoolOffice = "office",
    Principal = "principal",
    County = "county",
    CountySecurity = "county_security",
    CountyAudit = "county_audit",
    Supervisor = "supervisor",
    Visitor = "visitor",
    Operator = "operator",
    Owner = "owner",
});

impl Role {
    /// What someone of a school is called; a guardian is called by the relation.
    pub fn word(self) -> &'static str {
        match self {
            Role::Homeroom => "班主任",
            Role::Deputy => "副班主任",
            Role::Subject => "任课老师",
            Role::Organiser => "活动组织",
            Role::Committee => "综评委员",
            Role::Health => "校医",
            Role::Teacher => "老师",
            Role::Case => "个案查看",
            Role::Guardian => "家长",
            Role::Learner => "学生",
            Role::SchoolOffice => "教务",
            Role::Principal => "校长",
            Role::County => "县教育局",
            Role::CountySecurity => "县安全管理",
            Role::CountyAudit => "县审计管理",
            Role::Supervisor => "督导",
            Role::Visitor | Role::Operator | Role::Owner => "学校",
        }
    }
}

/// Sex as GB/T 2261.1 codes it; the roster of junior highs has these two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum Sex {
    Male,
    Female,
}

crate::text_code!(Sex { Male = "1", Female = "2" });

impl Sex {
    pub fn word(self) -> &'static str {
        match self {
            Sex::Male => "男",
            Sex::Female => "女",
        }
    }
}
