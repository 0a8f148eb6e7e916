/*!
Campaigns for people: two lines each, cut to the width of the terminal.
*/

use crate::campaigns::Campaign;
use crate::cli::common::grouped;
use crate::cli::terminal::{DIM, HEADING, Look, clip, fit, of_action, one_line};

const SIZE: usize = 9;
const ACTION: usize = 14;
const SEEN: usize = 24;
const LANGUAGES: usize = 12;
const ID: usize = 16;

/// Writes campaigns as lines.
#[derive(Clone, Copy, Debug)]
pub(super) struct Page {
    look: Look,
}

impl Page {
    pub(super) fn new(look: Look) -> Page {
        Page { look }
    }

    /// The page; without a campaign it is empty.
    pub(super) fn of(&self, campaigns: &[Campaign]) -> String {
        let mut out = String::new();
        if !campaigns.is_empty() {
            let head = format!(
                "{:>SIZE$} {} {} {} {} CONTACTS",
                "POSTINGS",
                fit("ACTION", ACTION),
                fit("SEEN", SEEN),
                fit("LANGUAGES", LANGUAGES),
                fit("ID", ID)
            );
            out.push_str(&self.look.paint(HEADING, clip(&head, self.look.width).into_owned()));
            out.push('\n');
        }
        for campaign in campaigns {
            self.push(campaign, &mut out);
        }
        out
    }

    fn push(&self, campaign: &Campaign, out: &mut String) {
        let look = &self.look;
        let severest = campaign.severest();
        let action = format!("{} {}", severest.name(), grouped(campaign.with_action(severest) as u64));
        let day = |time: Option<jiff::Timestamp>| time.map_or_else(String::new, |t| t.strftime("%Y-%m-%d").to_string());
        let (first, last) = (day(campaign.first_seen), day(campaign.last_seen));
        let seen = if first == last { first } else { format!("{first} to {last}") };
        let languages: Vec<&str> = campaign.languages.iter().map(|&(tag, _)| tag).collect();
        let line = format!(
            "{:>SIZE$} {} {} {} {} ",
            grouped(campaign.size as u64),
            fit(&action, ACTION),
            fit(&seen, SEEN),
            fit(&languages.join(","), LANGUAGES),
            fit(&campaign.id, ID)
        );
        let used = SIZE + ACTION + SEEN + LANGUAGES + ID + 5;
        let contacts: Vec<String> =
            campaign.contacts.iter().filter(|c| c.joins).take(9).map(|c| format!("{} {}", c.kind, c.value)).collect();
        let contacts = one_line(&contacts.join(", "));
        if look.width > used + 8 {
            out.push_str(&look.paint(of_action(severest), line));
            out.push_str(&clip(&contacts, look.width - used));
        } else {
            out.push_str(&look.paint(of_action(severest), clip(&line, look.width).into_owned()));
        }
        let text = one_line(&campaign.representative.line);
        out.truncate(out.trim_end_matches(' ').len());
        out.push('\n');
        let indent = SIZE + 1;
        let text = clip(&text, look.width.saturating_sub(indent)).into_owned();
        out.push_str(&format!("{:indent$}{}\n", "", look.paint(DIM, text)));
    }
}
