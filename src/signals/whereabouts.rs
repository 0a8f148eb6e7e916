/*!
Who is addressed, and where the work is.

A name of a place says little: people come from places, fly over them, speak their languages and serve their customers.
The lexicons tell what a place is spoken of as; what they leave open is told by the field, by the currency of the pay and
by what the posting says of travel. `relocation_abroad` is work in a country that is none of the audience's.
*/

use super::lexicon::Marker;
use super::pay::{self, home};
use super::rules::Ids;
use super::{Draft, EvidenceSpan};
use crate::entities::reading::{Reading, Segment, UnitKind};
use crate::entities::{EntityKind, Finder, PlaceKind};
use crate::posting::Field;
use crate::text::tokenizer::TokenKind;

/// What a place is spoken of as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// The work is there.
    Workplace,
    /// The people addressed come from there.
    Origin,
    /// A language, a cuisine, a clientele.
    NoPlace,
    /// It is only named.
    Named,
}

/// A place as a posting names it.
#[derive(Debug)]
struct Mention<'a> {
    country: &'a str,
    kind: PlaceKind,
    role: Role,
    span: EvidenceSpan,
}

/// The places of a posting and whom it addresses.
#[derive(Debug)]
pub(crate) struct Whereabouts<'a> {
    mentions: Vec<Mention<'a>>,
    /// Countries of the people addressed; empty where nothing tells.
    pub(crate) audience: Vec<&'a str>,
    /// Countries where the work is or may be.
    pub(crate) workplaces: Vec<&'a str>,
    /// How many things say that somebody travels to another country.
    travels: usize,
    /// The country whose currency the pay is in.
    pub(crate) paid_in: Option<&'static str>,
    length: Length,
}

/// How much a posting says, and so how much of it is about other things than the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Length {
    /// A few lines, in which nobody tells of branches, markets and owners.
    Brief,
    Ordinary,
    /// A page, which mostly does.
    Long,
}

impl Length {
    fn of(lexical_units: usize) -> Length {
        if lexical_units <= BRIEF {
            Length::Brief
        } else if lexical_units <= LONG {
            Length::Ordinary
        } else {
            Length::Long
        }
    }
}

/// The largest rank of a place in the head of an ad.
const HEAD: u8 = 1;
/// The rank of a place that is only named.
const NAMED: u8 = 3;

/// More countries than this that are only named are a list of markets.
const MOST_DESTINATIONS: usize = 2;

/// A posting of so many lexical units is brief.
const BRIEF: usize = 60;

/// A posting of more lexical units is long.
pub(super) const LONG: usize = 120;

/// So many things that speak of a journey are more than a chance word.
const TRAVELS: usize = 2;

/// Units that may stand between two names of a list: a comma, an "and".
const LIST_GAP: usize = 2;

impl<'a> Whereabouts<'a> {
    pub(crate) fn of(reading: &Reading, finder: &'a Finder, ids: &Ids, draft: &Draft) -> Whereabouts<'a> {
        let mut mentions: Vec<Mention<'a>> = Vec::new();
        for (s, segment) in reading.segments.iter().enumerate() {
            if !segment.entities.iter().any(|e| matches!(e.kind, EntityKind::Place(_))) {
                continue;
            }
            // What is said last of a unit holds, so the surest comes last.
            let mut said = vec![None; segment.units.len()];
            for (marker, role) in [
                (Marker::Workplace, Role::Workplace),
                (Marker::Origin, Role::Origin),
                (Marker::NotAPlace, Role::NoPlace),
            ] {
                for (start, end) in draft.places(s, marker) {
                    let units = start as usize..end as usize;
                    // "Cambodia" at the end of a line and "customer service" on the next are no customers of Cambodia.
                    let runs_on = segment.units[units.clone()].iter().skip(1).any(|u| u.starts_sentence);
                    if !(role == Role::NoPlace && runs_on) {
                        said[units].fill(Some(role));
                    }
                }
            }
            for (start, _) in draft.places(s, Marker::SideList) {
                said[start as usize..].fill(Some(Role::NoPlace));
            }
            let mut before: Option<(usize, Role)> = None;
            for (u, unit) in segment.units.iter().enumerate() {
                let UnitKind::Entity(e) = unit.kind else { continue };
                let entity = &segment.entities[e as usize];
                let EntityKind::Place(id) = &entity.kind else { continue };
                let Some(place) = finder.place(*id) else { continue };
                let listed = before.filter(|&(last, _)| is_list(segment, last, u)).map(|(_, role)| role);
                let role = said[u].or(listed).unwrap_or(Role::Named);
                let span = EvidenceSpan { field: segment.field, range: segment.map.source(entity.start..entity.end) };
                // "Bangkok, Thailand" is one place.
                let whole = listed.is_some() && role != Role::NoPlace && place.kind != PlaceKind::Hotspot;
                before = Some((u, role));
                if whole
                    && let Some(held) = mentions.last_mut()
                    && held.is_part_of(place.country)
                {
                    held.span.range.end = span.range.end;
                    continue;
                }
                mentions.push(Mention { country: place.country, kind: place.kind, role, span });
            }
        }
        let fired = |id| draft.strength(id) > 0.0;
        let marked = [Marker::Abroad, Marker::Travel].into_iter().filter(|&marker| draft.count(marker) > 0).count();
        let signs = [ids.free_travel, ids.transit_route, ids.passport_needed, ids.tourist_visa];
        let travels = marked + signs.into_iter().filter(|&id| fired(id)).count();
        let paid_in = pay::paid_in(reading);
        let length = Length::of(reading.lexical_units);
        let mut whereabouts =
            Whereabouts { mentions, audience: Vec::new(), workplaces: Vec::new(), travels, paid_in, length };
        whereabouts.address(home(reading.written.language));
        whereabouts
    }

    /// Where nothing but the audience is known.
    #[cfg(test)]
    pub(crate) fn addressing(audience: Vec<&'a str>) -> Whereabouts<'a> {
        let (mentions, workplaces) = (Vec::new(), Vec::new());
        Whereabouts { mentions, audience, workplaces, travels: 0, paid_in: None, length: Length::Ordinary }
    }

    /// Finds the audience: those whom the words name, those who read the language, or those who are paid in a currency.
    fn address(&mut self, home: &'static [&'static str]) {
        let with = |role: Role| {
            let countries = self.mentions.iter().filter(move |m| m.role == role && pay::tells_country(m.kind));
            let mut countries: Vec<&'a str> = countries.map(|m| m.country).collect();
            countries.sort_unstable();
            countries.dedup();
            countries
        };
        let mut audience = with(Role::Origin);
        let stated: Vec<&'a str> = self.mentions.iter().filter(|m| m.is_stated()).map(|m| m.country).collect();
        // Who comes from elsewhere to a workplace at home is a guest, a customer or a colleague.
        if audience.is_empty() || stated.iter().any(|country| home.contains(country)) {
            audience.extend(home);
        }
        // Where nothing else tells who reads this, the pay of the stated place is that of people who live there, unless
        // more than one thing says that somebody travels to it.
        let local = |paid_in: &str| audience.is_empty() && (self.travels < TRAVELS || !stated.contains(&paid_in));
        if let Some(paid_in) = self.paid_in
            && (self.travels == 0 || local(paid_in))
        {
            audience.push(paid_in);
        }
        self.workplaces = stated;
        self.audience = audience;
    }

    /// Raises what the places say.
    pub(crate) fn raise(&self, ids: &Ids, reported: bool, draft: &mut Draft) {
        for m in self.mentions.iter().filter(|m| m.kind == PlaceKind::Hotspot && !reported && m.role != Role::NoPlace) {
            draft.raise(ids.hotspot_place, 1.0, m.span.clone());
        }
        // Evidence is shown in the title and the location, else once a country where it is said best; a place that is only named, or passed on the way, says
        // where the work is if nothing else does.
        let named = self.names_destinations();
        let in_head_abroad = self.mentions.iter().any(|m| m.in_head() && self.is_abroad(m));
        // Customers and colleagues of a page are at work abroad too.
        let is_ours = self.length != Length::Long || in_head_abroad || self.travels >= TRAVELS;
        let says_where = |m: &Mention<'_>| match (m.role, m.in_head()) {
            (Role::Workplace, in_head) => in_head || is_ours,
            (_, true) => self.travels > 0 || self.tells_by_the_name(m),
            (_, false) => named,
        };
        let mut abroad: Vec<(u8, &Mention<'_>)> = self
            .mentions
            .iter()
            .filter(|m| self.is_abroad(m) && says_where(m))
            .map(|m| (m.rank(draft.overlaps(ids.transit_route, &m.span)), m))
            .filter(|(rank, _)| *rank < NAMED || !reported)
            .collect();
        abroad.sort_by_key(|(rank, _)| *rank);
        let best = abroad.first().map_or(NAMED, |(rank, _)| *rank);
        abroad.retain(|(rank, _)| *rank < NAMED || *rank == best);
        if best < NAMED {
            draft.forget_spans(ids.relocation_abroad);
        }
        let mut said: Vec<(&str, Field)> = Vec::new();
        for (rank, m) in abroad {
            let told =
                said.iter().any(|(country, field)| *country == m.country && (*field == m.span.field || rank > HEAD));
            if !told {
                draft.raise(ids.relocation_abroad, if rank < NAMED { 1.0 } else { 0.8 }, m.span.clone());
                said.push((m.country, m.span.field));
            }
        }
    }

    /// Whether places that are only named may be where somebody travels. Ads of firms name branches, markets and owners
    /// abroad: one sign of a journey is not enough where the ad says that the work is at home or where nothing tells who
    /// reads it, and a list of countries is no destination.
    fn names_destinations(&self) -> bool {
        let named = || self.mentions.iter().filter(|m| m.role == Role::Named && !m.in_head() && self.is_abroad(m));
        let by_the_name = named().all(|m| self.tells_by_the_name(m));
        let mut countries: Vec<&str> = named().map(|m| m.country).collect();
        countries.sort_unstable();
        countries.dedup();
        let mut stated = self.mentions.iter().filter(|m| m.is_stated()).peekable();
        let at_home = stated.peek().is_some() && !stated.any(|m| self.is_abroad(m));
        let fewer = usize::from(by_the_name);
        let more = usize::from(self.length == Length::Long);
        let (most, wanted) = match (at_home, self.audience.is_empty()) {
            (true, _) => (1, TRAVELS),
            (false, true) => (MOST_DESTINATIONS, TRAVELS - fewer),
            (false, false) => (MOST_DESTINATIONS, TRAVELS - 1 - fewer),
        };
        countries.len() <= most && self.travels >= wanted + more
    }

    /// Whether a foreign country needs no more than its name to be where the work is: in a few lines it is named for that.
    /// Cities are of the reader's own country more often than the languages tell.
    fn tells_by_the_name(&self, m: &Mention<'_>) -> bool {
        self.length == Length::Brief && matches!(m.kind, PlaceKind::Country | PlaceKind::Hotspot)
    }

    fn is_abroad(&self, m: &Mention<'_>) -> bool {
        if matches!(m.role, Role::Origin | Role::NoPlace)
            || matches!(m.span.field, Field::Company | Field::CompanyProfile)
            || !pay::tells_country(m.kind)
            || self.audience.contains(&m.country)
        {
            return false;
        }
        // Nothing tells who reads this: a journey makes it abroad, save in countries that such ads mostly hire in at home.
        // Pages of firms speak of passports, flights and visas for other reasons, so one word of them is not enough there.
        let told = if self.length == Length::Brief { 1 } else { TRAVELS };
        !self.audience.is_empty() || (self.travels >= told && !HIRES_AT_HOME.contains(&m.country))
    }
}

impl Mention<'_> {
    /// A name of the same country beside this one says no more.
    fn is_part_of(&self, country: &str) -> bool {
        self.country == country && self.kind != PlaceKind::Hotspot
    }

    /// How well it says where the work is; the least is the best.
    fn rank(&self, on_the_way: bool) -> u8 {
        match (self.span.field, self.role) {
            (Field::Location, _) => 0,
            (Field::Title, _) => 1,
            (_, Role::Workplace) if !on_the_way => 2,
            (_, Role::Workplace) => NAMED + 1,
            _ => NAMED,
        }
    }

    /// The ad says that the work is there.
    fn is_stated(&self) -> bool {
        self.role == Role::Workplace || self.in_head()
    }

    /// It stands where an ad says where the work is.
    fn in_head(&self) -> bool {
        matches!(self.span.field, Field::Location | Field::Title) && matches!(self.role, Role::Named | Role::Workplace)
    }
}

/// Whether the units between two names are those of a list.
fn is_list(segment: &Segment, last: usize, next: usize) -> bool {
    let between = &segment.units[last + 1..next];
    !segment.units[next].starts_sentence
        && between.len() <= LIST_GAP
        && between.iter().all(|u| {
            matches!(u.kind, UnitKind::Token(TokenKind::Punctuation | TokenKind::Sign | TokenKind::Other))
                || (!u.starts_sentence && segment.words(u).chars().count() <= 3)
        })
}

/// Countries that English ads mostly hire in at home: a journey to them is not told from a move inside them.
const HIRES_AT_HOME: [&str; 7] = ["US", "GB", "CA", "AU", "NZ", "IE", "ZZ"];
