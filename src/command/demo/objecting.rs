//! Objections in the present term: one that waits at a school; in another school two that
//! went on to the committee, of which one is answered.

use super::drawn::photo;
use super::making::Making;
use crate::access::{Family, SentPhoto};
use crate::command::Failed;
use crate::cycle::{Instance, Part};
use crate::names::{ClassId, Domain, ObjectionId, StudentId, Term};
use crate::notice::{AnswerObjection, EscalateObjection, Item, Of, RaiseObjection, TakeObjection, Verdict};
use crate::record::evidence::{lay, receive};
use crate::roster::at_school;

const WAITS: &str = "孩子这学期每周三都去敬老院读报，老师可能不知道。请把这件事考虑进去，再看看这一育的等级。";
const PHOTO: &str = "秋收那两周孩子每天放学都下地，照片是家里拍的。请再看看劳动这一育。";
const WORDS: &str = "孩子这学期天天练字，本子都留着。请再看看美育这一格。";
const STANDS: &str = "查了本学期的写实记录，问了班主任和任课老师，依据够，维持不变。";
const FURTHER: &str = "还是想请委员会的老师再看一看。";
const REVIEWED: &str =
    "委员会看了全部材料，也和班主任谈过：等级有事实作依据，维持不变。家里记的事，下学期请交成写实记录。";

impl Making<'_> {
    /// A guardian objects, and the school has yet to answer.
    pub(super) async fn one_objection(&mut self, school: usize, at: usize, term: Term) -> Result<(), Failed> {
        if let Some(own) = self.guardians_of(school, at).first().copied() {
            let family = self.guardian_of(school, at, own).await?;
            self.raise(&family, term, (Domain::Moral, WAITS), None).await?;
        }
        Ok(())
    }

    /// Two guardians whom the school's answer does not content: the committee has one of
    /// them in hand, and has answered the other.
    pub(super) async fn objections_taken_further(
        &mut self,
        school: usize,
        at: usize,
        term: Term,
    ) -> Result<(), Failed> {
        let said = [(Domain::Labour, PHOTO), (Domain::Aesthetic, WORDS)];
        let class = self.class(school, at)?.id;
        for (n, (own, said)) in self.guardians_of(school, at).into_iter().zip(said).enumerate() {
            let family = self.guardian_of(school, at, own).await?;
            let shown = (n == 0).then(|| photo("objection"));
            let id = self.raise(&family, term, said, shown).await?;
            self.days.pass();
            let office = self.office(school).await?;
            office.act(move |tx| AnswerObjection::prepare(tx, id, Instance::Office, Verdict::Stands, STANDS)).await?;
            self.days.pass();
            family.act(move |tx| EscalateObjection::prepare(tx, id, FURTHER, Vec::new())).await?;
            self.committee_takes(school, class, id, n == 1).await?;
        }
        Ok(())
    }

    async fn committee_takes(
        &mut self,
        school: usize,
        class: ClassId,
        id: ObjectionId,
        answers: bool,
    ) -> Result<(), Failed> {
        self.days.pass();
        let member = self.account(self.plan.schools[school].committee)?;
        let committee = self.operator.stand_in(member)?.committee().await?;
        committee.act(move |tx| TakeObjection::by_committee(tx, id, &[class])).await?;
        if answers {
            self.days.pass();
            committee
                .act(move |tx| AnswerObjection::prepare(tx, id, Instance::Committee, Verdict::Stands, REVIEWED))
                .await?;
        }
        Ok(())
    }

    /// The pupils of a class who have a guardian with an account: seat, and who it is.
    fn guardians_of(&self, school: usize, at: usize) -> Vec<(usize, super::plan::PersonAt)> {
        let pupils = &self.plan.schools[school].classes[at].pupils;
        let of = pupils.iter().enumerate();
        of.filter_map(|(seat, pupil)| Some((seat, pupil.guardians.first()?.0)))
            .filter(|(_, who)| self.accounts[*who].is_some())
            .collect()
    }

    async fn guardian_of(
        &mut self,
        school: usize,
        at: usize,
        (seat, who): (usize, super::plan::PersonAt),
    ) -> Result<Family, Failed> {
        let student: StudentId = self.class(school, at)?.students[seat];
        Ok(self.operator.stand_in(self.account(who)?)?.family(student).await?)
    }

    async fn raise(
        &mut self,
        family: &Family,
        term: Term,
        (domain, said): (Domain, &'static str),
        shown: Option<Vec<u8>>,
    ) -> Result<ObjectionId, Failed> {
        self.days.pass();
        let sent = shown.map(|bytes| SentPhoto { file_name: String::new(), bytes });
        let arrived = receive(sent.into_iter().collect()).await.map_err(|_| Failed::because("演示县的照片画坏了。"))?;
        let (child, photos) = (family.child(), lay(family, arrived).await?);
        Ok(family
            .act(move |tx| {
                let class = at_school(tx, child)?.class;
                let (part, item) = (Part::Term, Item::Band(domain));
                let of = Of { class, term, part, student: child.student(), item };
                RaiseObjection::prepare(tx, &of, said, photos)
            })
            .await?)
    }
}
