/*!
Signals that no phrase shows: from entities, disguises, and from what stands beside what.

Rules run after the phrases. Each reads what the phrases found and adds spans; none looks at a label, and none lets the
language, the length or a missing field count by itself.
*/

use super::catalogue::{Catalogue, SignalId};
use super::lexicon::Marker;
use super::pay::{self, Circumstances, Wages, Work};
use super::whereabouts::{LONG, Whereabouts};
use super::{Draft, EvidenceSpan};
use crate::entities::reading::{Reading, Segment, UnitKind};
use crate::entities::{ContactKind, EntityKind, Finder, LinkKind, Period, PlaceKind};
use crate::posting::Field;

/// The numbers of the signals that rules raise or read.
#[derive(Debug)]
pub(crate) struct Ids {
    high_pay: SignalId,
    tech_role: SignalId,
    desk_role: SignalId,
    named_trade: SignalId,
    vague_role: SignalId,
    no_experience: SignalId,
    no_qualifications: SignalId,
    pub(super) free_travel: SignalId,
    pub(super) relocation_abroad: SignalId,
    pub(super) hotspot_place: SignalId,
    pub(super) transit_route: SignalId,
    pub(super) passport_needed: SignalId,
    pub(super) tourist_visa: SignalId,
    chat_contact: SignalId,
    personal_email: SignalId,
    upfront_fee: SignalId,
    scam_denial: SignalId,
    obfuscated_text: SignalId,
    warning_context: SignalId,
    named_contact_channel: SignalId,
    named_work: Vec<SignalId>,
    /// What a list of other jobs says of those.
    pub(super) of_a_job: Vec<SignalId>,
}

impl Ids {
    pub(crate) fn of(catalogue: &Catalogue) -> Ids {
        let id =
            |name: &str| catalogue.find(name).expect("the catalogue that ships has every signal that a rule names");
        let named = [
            "tech_role",
            "desk_role",
            "casino_gaming",
            "crypto_forex",
            "parcel_forwarding",
            "payment_handling",
            "paid_tasks",
            "named_trade",
        ];
        let of_a_job = [
            "tech_role",
            "desk_role",
            "casino_gaming",
            "crypto_forex",
            "no_experience",
            "no_qualifications",
            "typing_skill",
            "language_wanted",
            "gender_preference",
            "named_trade",
            "relocation_abroad",
            "urgent_hiring",
            "work_from_home_easy",
        ];
        Ids {
            high_pay: id("high_pay"),
            tech_role: id("tech_role"),
            desk_role: id("desk_role"),
            named_trade: id("named_trade"),
            vague_role: id("vague_role"),
            no_experience: id("no_experience"),
            no_qualifications: id("no_qualifications"),
            free_travel: id("free_travel"),
            relocation_abroad: id("relocation_abroad"),
            hotspot_place: id("hotspot_place"),
            transit_route: id("transit_route"),
            passport_needed: id("passport_needed"),
            tourist_visa: id("tourist_visa"),
            chat_contact: id("chat_contact"),
            personal_email: id("personal_email"),
            upfront_fee: id("upfront_fee"),
            scam_denial: id("scam_denial"),
            obfuscated_text: id("obfuscated_text"),
            warning_context: id("warning_context"),
            named_contact_channel: id("named_contact_channel"),
            named_work: named.iter().map(|n| id(n)).collect(),
            of_a_job: of_a_job.iter().map(|n| id(n)).collect(),
        }
    }
}

/// The most strength of a role that the title, where there is one, does not name.
const NOT_IN_TITLE: f64 = 0.4;

/// How much of a low bar it is that no experience is asked for: of no degree and no papers it is less often said in earnest.
const NO_EXPERIENCE: f64 = 0.4;

/// Everything a rule may read.
pub(crate) struct Rules<'a> {
    pub(crate) reading: &'a Reading,
    pub(crate) finder: &'a Finder,
    pub(crate) wages: &'a Wages,
    pub(crate) ids: &'a Ids,
    /// Whether the lexicon of the posting's language lists occupations: where it does not, none can be missed.
    pub(crate) names_occupations: bool,
}

impl Rules<'_> {
    /// Runs all rules, in an order in which each finds what it reads.
    pub(crate) fn run(&self, draft: &mut Draft) {
        self.stance(draft);
        self.contacts(draft);
        self.disguises(draft);
        self.title(draft);
        let whereabouts = Whereabouts::of(self.reading, self.finder, self.ids, draft);
        whereabouts.raise(self.ids, draft.strength(self.ids.warning_context) >= 0.8, draft);
        self.pay(&whereabouts, draft);
        self.vague(draft);
    }

    /// Who speaks: somebody who warns, or somebody who hires and protests.
    fn stance(&self, draft: &mut Draft) {
        let warning = self.ids.warning_context;
        let hiring = draft.count(Marker::Hiring) > 0;
        let said = draft.spans(warning).len();
        let denied = draft.strength(self.ids.scam_denial) > 0.0;
        if said == 0 {
            if !hiring && !denied {
                draft.raise_by_marker(self.reading, warning, Marker::WeakWarning, 0.6);
            }
            return;
        }
        // One turn of phrase in an ad that hires is a manner of speaking.
        if said == 1 && (denied || hiring) {
            draft.drop(warning);
        }
    }

    fn contacts(&self, draft: &mut Draft) {
        for segment in &self.reading.segments {
            for entity in &segment.entities {
                let (signal, strength) = match &entity.kind {
                    EntityKind::Contact(contact) => match contact.kind {
                        ContactKind::Email => (self.ids.named_contact_channel, 1.0),
                        ContactKind::FreeMail => (self.ids.personal_email, 1.0),
                        ContactKind::Phone | ContactKind::Wallet => continue,
                        _ if contact.has_identifier() => (self.ids.chat_contact, 1.0),
                        _ => (self.ids.chat_contact, 0.8),
                    },
                    EntityKind::Link(link) if link.kind == LinkKind::Url => (self.ids.named_contact_channel, 0.8),
                    _ => continue,
                };
                draft.raise(signal, strength, span_of(segment, entity.start, entity.end));
            }
        }
    }

    fn disguises(&self, draft: &mut Draft) {
        for segment in &self.reading.segments {
            for disguise in &segment.disguises {
                let span = EvidenceSpan { field: segment.field, range: disguise.source.clone() };
                draft.raise(self.ids.obfuscated_text, 1.0, span);
            }
        }
    }

    fn is_titled(&self) -> bool {
        self.reading.segments.iter().any(|s| s.field == Field::Title)
    }

    /// A title says what the work is. What only the text below it names is mostly a part of the work, a customer or a skill,
    /// and surely so where the title names a trade; where it has another word of some occupation, in a long text.
    fn title(&self, draft: &mut Draft) {
        if !self.is_titled() {
            return;
        }
        let in_title = |draft: &Draft, id| draft.spans(id).iter().any(|span| span.field == Field::Title);
        let names = |draft: &Draft, marker| {
            let mut titles = self.reading.segments.iter().enumerate().filter(|(_, s)| s.field == Field::Title);
            titles.any(|(s, _)| !draft.places(s, marker).is_empty())
        };
        let occupied = names(draft, Marker::Profession)
            || self.ids.named_work.iter().any(|&id| in_title(draft, id))
            || (self.reading.lexical_units > LONG && names(draft, Marker::Occupation));
        for &id in &[self.ids.desk_role, self.ids.tech_role, self.ids.named_trade] {
            if in_title(draft, id) {
                continue;
            }
            if occupied {
                draft.drop(id);
            } else if id != self.ids.named_trade {
                draft.weaken(id, NOT_IN_TITLE);
            }
        }
    }

    fn pay(&self, whereabouts: &Whereabouts<'_>, draft: &mut Draft) {
        let strength = |id| draft.strength(id);
        let circumstances = Circumstances {
            desk_there: self.wages.best(&whereabouts.workplaces, Work::Desk),
            low_bar: strength(self.ids.no_qualifications).max(NO_EXPERIENCE * strength(self.ids.no_experience)),
            profession: draft.count(Marker::Profession) > 0,
            abroad: strength(self.ids.relocation_abroad) > 0.0,
            ..Circumstances::default()
        };
        // Of the segment in which the last amount stood: most have none.
        let (mut of_segment, mut pay_words) = (usize::MAX, Vec::new());
        let mut raised = Vec::new();
        for (s, e, money) in pay::amounts(self.reading) {
            let segment = &self.reading.segments[s];
            if of_segment != s {
                (of_segment, pay_words) = (s, draft.places(s, Marker::PayWord));
            }
            let unit = segment.units.partition_point(|u| (u.end as usize) <= segment.entities[e].start);
            let beside = segment.field == Field::Salary || super::is_near(&pay_words, unit);
            let Some(usd) = pay::monthly(money, beside) else { continue };
            let entity = &segment.entities[e];
            let span = span_of(segment, entity.start, entity.end);
            // What the applicant pays is no pay.
            if draft.overlaps(self.ids.upfront_fee, &span) {
                continue;
            }
            let usual = |work| self.wages.reference(whereabouts, circumstances.abroad, money, work);
            let circumstances = Circumstances {
                desk: usual(Work::Desk),
                professional: usual(Work::Professional),
                period_stated: money.period != Period::Unknown,
                ..circumstances
            };
            let strength = pay::strength(usd, &circumstances);
            if strength > 0.0 {
                raised.push((strength, span));
            }
        }
        for (strength, span) in raised {
            draft.raise(self.ids.high_pay, strength, span);
        }
        if circumstances.low_bar > 0.0 {
            draft.raise_by_marker(self.reading, self.ids.high_pay, Marker::PayCalledHigh, 0.7);
        }
    }

    /// Nothing in the posting names an occupation, yet somebody is being hired to go abroad: at home a short ad often
    /// leaves to the reader what no list of occupations knows.
    fn vague(&self, draft: &mut Draft) {
        if !self.names_occupations
            || draft.count(Marker::Occupation) > 0
            || draft.count(Marker::Profession) > 0
            || draft.count(Marker::Hiring) == 0
            || draft.strength(self.ids.relocation_abroad) == 0.0
            || draft.strength(self.ids.warning_context) > 0.0
            || self.ids.named_work.iter().any(|&id| draft.strength(id) > 0.0)
        {
            return;
        }
        draft.raise_whole(self.ids.vague_role, 1.0);
    }
}

fn span_of(segment: &Segment, start: usize, end: usize) -> EvidenceSpan {
    EvidenceSpan { field: segment.field, range: segment.map.source(start..end) }
}

/// The classes that a unit shows to the matcher.
pub(crate) fn classes(segment: &Segment, kind: &UnitKind, words: &str) -> &'static [super::matcher::Class] {
    use super::matcher::Class::*;
    let age = || words.parse::<u8>().is_ok_and(|n| (15..=75).contains(&n));
    match kind {
        UnitKind::Token(crate::text::tokenizer::TokenKind::Number) => {
            if age() {
                &[Number, Age]
            } else {
                &[Number]
            }
        }
        UnitKind::Token(_) => &[],
        UnitKind::Entity(i) => match &segment.entities[*i as usize].kind {
            EntityKind::Money(_) => &[Money],
            EntityKind::Number(_) => {
                if age() {
                    &[Number, Age]
                } else {
                    &[Number]
                }
            }
            EntityKind::Link(_) => &[Url],
            EntityKind::Place(place) => match place.kind {
                PlaceKind::Country => &[Country, Place],
                PlaceKind::Hotspot => &[Hotspot, Place],
                _ => &[Place],
            },
            EntityKind::Contact(contact) => match contact.kind {
                ContactKind::Email => &[Email],
                ContactKind::FreeMail => &[Freemail, Email],
                ContactKind::Phone => &[Phone],
                ContactKind::Telegram => &[Telegram, Contact],
                ContactKind::WhatsApp => &[Whatsapp, Contact],
                ContactKind::Wallet => &[],
                _ => &[Contact],
            },
        },
    }
}
