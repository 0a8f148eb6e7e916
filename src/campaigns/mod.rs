/*!
Campaigns: postings that are one text in many copies, or that lead to one contact.

Postings belong together when their bodies are [near-duplicates](crate::text::near_duplicates), numbers, places, contacts
and emoji evened out ([`Reader::sketch`](crate::entities::reading::Reader::sketch)), or when they name the same contact
and the [rule of contacts](contacts) lets it join; groups are the connected components. A campaign is no accusation:
employers repost honest ads too. What its postings are is in its `actions`.

Texts are not kept. [`Facts`] are what is needed of a posting, about 2 KB of it at most; a [`Collector`] takes them one
by one and makes the groups at the end. Neither the order of the postings nor the number of threads changes anything.

```
use lurescan::campaigns::{Collector, Facts};
use lurescan::posting::Posting;
use lurescan::score::Scorer;

let scorer = Scorer::embedded()?;
let mut collector = Collector::default();
for (id, city, pay) in [("a", "Bangkok", 900), ("b", "Manila", 1200)] {
    let text = format!("Typists wanted in {city}, ${pay} a month, two meals a day, no experience needed, call now");
    collector.add(Facts::of(&scorer, &Posting::from_text(id, text)));
}
let campaigns = collector.finish(&scorer);
assert_eq!(campaigns[0].members, ["a", "b"]);
# Ok::<(), lurescan::model::artefact::ModelError>(())
```
*/

mod collect;
pub mod contacts;
mod facts;
mod identity;
pub mod join;
mod record;
mod representative;
pub mod stix;
mod time;

#[cfg(test)]
mod tests;

pub use collect::Collector;
pub use facts::Facts;
pub use record::{Campaign, ContactCount, PlaceCount, Representative};
