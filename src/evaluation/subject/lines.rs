//! Where a teacher draws the lines between bands, for one workbook and one request.

use crate::evaluation::{Band, Mark};
use crate::fitness::Measure;

/// From which figure a band begins; below the last is 待提高. Not stored.
#[derive(Clone, Copy)]
pub struct Lines {
    excellent: Measure,
    good: Measure,
    qualified: Measure,
}

impl Lines {
    /// # Errors
    /// Which line is wrong, and how to mend it.
    pub fn drawn(excellent: &str, good: &str, qualified: &str) -> Result<Self, (&'static str, &'static str)> {
        let number = |field, typed: &str| {
            typed
                .parse::<Measure>()
                .map_err(|_| (field, "写一个数，例如 85。"))
                .and_then(|line| if line > Measure::whole(0) { Ok(line) } else { Err((field, "要大于 0。")) })
        };
        let lines = Lines {
            excellent: number("excellent", excellent)?,
            good: number("good", good)?,
            qualified: number("qualified", qualified)?,
        };
        if lines.good >= lines.excellent {
            return Err(("good", "良好的线要低于优秀的线。"));
        }
        if lines.qualified >= lines.good {
            return Err(("qualified", "合格的线要低于良好的线。"));
        }
        Ok(lines)
    }

    pub(super) fn band(&self, figure: Measure) -> Band {
        Band(match figure {
            figure if figure >= self.excellent => Mark::Excellent,
            figure if figure >= self.good => Mark::Good,
            figure if figure >= self.qualified => Mark::Qualified,
            _ => Mark::Developing,
        })
    }
}
