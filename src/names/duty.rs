//! 三员分立: who runs the county's system, who lets people in, and who reads what was
//! done are three persons (GB/T 22239—2019, 安全管理中心: 系统管理, 安全管理, 审计管理).

use super::Role;
use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;

/// One of the county's three duties. An account has exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum Duty {
    /// 系统管理: scheme, calendar, windows, and that it is done everywhere.
    System,
    /// 安全管理: who may come in.
    Security,
    /// 审计管理: what was done, to be read only.
    Audit,
}

crate::text_code!(Duty { System = "system", Security = "security", Audit = "audit" });

impl Duty {
    pub fn word(self) -> &'static str {
        match self {
            Duty::System => "系统管理",
            Duty::Security => "安全管理",
            Duty::Audit => "审计管理",
        }
    }

    /// What it is for, in a sentence for who gives it.
    pub fn says(self) -> &'static str {
        match self {
            Duty::System => "评价方案、校历、时间窗，看各校进度",
            Duty::Security => "开账号、给链接、停用、解锁",
            Duty::Audit => "只看日志，什么也不改",
        }
    }

    /// In which capacity someone with it acts.
    pub fn role(self) -> Role {
        match self {
            Duty::System => Role::County,
            Duty::Security => Role::CountySecurity,
            Duty::Audit => Role::CountyAudit,
        }
    }

    /// Where its desk begins.
    pub fn address(self) -> &'static str {
        match self {
            Duty::System => "/county",
            Duty::Security => "/county/accounts",
            Duty::Audit => "/county/audit",
        }
    }
}
