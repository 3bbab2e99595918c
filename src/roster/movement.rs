//! 异动: what can happen to a pupil's place at school, and when it may. There is no
//! 留级 and no 开除 here: compulsory schooling knows neither (义务教育法 27), and
//! 退学 is only ever written down as the county has approved it.

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum Kind {
    /// The roster or the office has brought the pupil in.
    Enter,
    MoveIn,
    MoveOut,
    /// 休学
    Leave,
    /// 复学
    ComeBack,
    ChangeClass,
    ChangeName,
    /// A temporary `L` number becomes the formal `G`.
    Number,
    /// 退学, as approved by the county.
    Withdraw,
    Death,
}

crate::text_code!(Kind {
    Enter = "enter",
    MoveIn = "move_in",
    MoveOut = "move_out",
    Leave = "leave",
    ComeBack = "come_back",
    ChangeClass = "change_class",
    ChangeName = "change_name",
    Number = "number",
    Withdraw = "withdraw",
    Death = "death",
});

/// Where a pupil stands with this school.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Here,
    OnLeave,
    MovedOut,
    Withdrawn,
    Dead,
    /// The cohort has left grade 9.
    Graduated,
}

impl Kind {
    pub fn word(self) -> &'static str {
        match self {
            Kind::Enter => "入学",
            Kind::MoveIn => "转入",
            Kind::MoveOut => "转出",
            Kind::Leave => "休学",
            Kind::ComeBack => "复学",
            Kind::ChangeClass => "转班",
            Kind::ChangeName => "更名",
            Kind::Number => "换正式学籍号",
            Kind::Withdraw => "退学（县里批准）",
            Kind::Death => "死亡",
        }
    }

    /// Where the pupil stands after it; `None` where it moves nobody.
    pub fn leads_to(self) -> Option<Place> {
        match self {
            Kind::Enter | Kind::MoveIn | Kind::ComeBack | Kind::ChangeClass => Some(Place::Here),
            Kind::MoveOut => Some(Place::MovedOut),
            Kind::Leave => Some(Place::OnLeave),
            Kind::Withdraw => Some(Place::Withdrawn),
            Kind::Death => Some(Place::Dead),
            Kind::ChangeName | Kind::Number => None,
        }
    }

    /// What it does not move takes effect at once, and so cannot lie ahead.
    pub fn may_lie_ahead(self) -> bool {
        self.leads_to().is_some() && self != Kind::Death
    }
}

impl Place {
    pub fn word(self) -> &'static str {
        match self {
            Place::Here => "在校",
            Place::OnLeave => "休学中",
            Place::MovedOut => "已转出",
            Place::Withdrawn => "已退学",
            Place::Dead => "已去世",
            Place::Graduated => "已毕业",
        }
    }

    /// What the office can write down from here, in the order its page shows it.
    pub fn open_to(self) -> &'static [Kind] {
        match self {
            Place::Here => &[
                Kind::ChangeClass,
                Kind::MoveOut,
                Kind::Leave,
                Kind::ChangeName,
                Kind::Number,
                Kind::Withdraw,
                Kind::Death,
            ],
            // 休学 does not move to another school; the pupil comes back first.
            Place::OnLeave => &[Kind::ComeBack, Kind::ChangeName, Kind::Number, Kind::Withdraw, Kind::Death],
            Place::MovedOut => &[Kind::MoveIn],
            Place::Withdrawn => &[Kind::ComeBack],
            Place::Dead | Place::Graduated => &[],
        }
    }

    /// Why `kind` does not go from here, and what does.
    pub fn refuses(self, kind: Kind) -> Option<String> {
        if self.open_to().contains(&kind) {
            return None;
        }
        let why = match (self, kind) {
            (Place::Here, Kind::ComeBack) => "这位学生就在校，不用办复学。".to_owned(),
            (Place::Here, Kind::MoveIn) => "这位学生就在本校在读，不用办转入。".to_owned(),
            (Place::OnLeave, Kind::Leave) => "这位学生已经在休学，不能再办一次。".to_owned(),
            (Place::OnLeave, Kind::MoveOut) => "休学期间不办转学。请先办复学，再转出。".to_owned(),
            (Place::OnLeave, _) => format!("这位学生在休学，不能办{}。请先办复学。", kind.word()),
            (Place::MovedOut, _) => format!("这位学生已经转出，不能再办{}。", kind.word()),
            _ => format!("这位学生{}，不能办{}。", self.word(), kind.word()),
        };
        Some(why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_held_back_or_expelled() {
        for kind in Kind::ALL {
            assert!(!["留级", "开除"].iter().any(|word| kind.word().contains(word)));
        }
        assert!("repeat".parse::<Kind>().is_err() && "expel".parse::<Kind>().is_err());
    }

    #[test]
    fn who_is_away_comes_back_first() {
        assert!(Place::OnLeave.refuses(Kind::MoveOut).is_some());
        assert!(Place::OnLeave.refuses(Kind::ComeBack).is_none());
        assert!(Place::Dead.open_to().is_empty());
        assert!(Place::MovedOut.refuses(Kind::MoveOut).is_some());
    }
}
