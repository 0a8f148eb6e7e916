/*!
The input record: one job posting, as a feed gave it.

A `Posting` holds the decoded text of every field and nothing that was derived from it. Fields that a posting does not
have are empty strings: presence of a field is never evidence, so nothing in the house distinguishes "absent" from
"blank".
*/

use serde_json::{Map, Value};

/// A field of a [`Posting`] whose content is text that a reader of the ad would see, or that describes the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    /// The name of the job.
    Title,
    /// The employer's name.
    Company,
    /// Where the work is said to be.
    Location,
    /// The stated pay, as free text.
    Salary,
    /// The body of the ad; the only field of a social post.
    Description,
    /// What is asked of the applicant.
    Requirements,
    /// What is offered to the applicant.
    Benefits,
    /// What the employer says about itself.
    CompanyProfile,
    /// How to apply.
    Contact,
    /// Full time, part time, contract...
    EmploymentType,
    /// Address of the posting.
    Url,
    /// When it was posted: in ISO 8601 where the feed leaves no doubt, else as it wrote it.
    PostedAt,
    /// Which feed or platform it came from.
    Source,
    /// The language the feed declares, if any.
    Language,
}

impl Field {
    /// Every field, in the order of the record.
    pub const ALL: [Field; 14] = [
        Field::Title,
        Field::Company,
        Field::Location,
        Field::Salary,
        Field::Description,
        Field::Requirements,
        Field::Benefits,
        Field::CompanyProfile,
        Field::Contact,
        Field::EmploymentType,
        Field::Url,
        Field::PostedAt,
        Field::Source,
        Field::Language,
    ];

    /// The fields that are read for signals, in reading order.
    pub const READ: [Field; 9] = [
        Field::Title,
        Field::Company,
        Field::Location,
        Field::Salary,
        Field::Description,
        Field::Requirements,
        Field::Benefits,
        Field::CompanyProfile,
        Field::Contact,
    ];

    /// The field's name in records and in spans.
    pub const fn name(self) -> &'static str {
        match self {
            Field::Title => "title",
            Field::Company => "company",
            Field::Location => "location",
            Field::Salary => "salary",
            Field::Description => "description",
            Field::Requirements => "requirements",
            Field::Benefits => "benefits",
            Field::CompanyProfile => "company_profile",
            Field::Contact => "contact",
            Field::EmploymentType => "employment_type",
            Field::Url => "url",
            Field::PostedAt => "posted_at",
            Field::Source => "source",
            Field::Language => "language",
        }
    }

    /// The field of this name in our own records; the names that other feeds use are the readers' business.
    pub fn from_name(name: &str) -> Option<Field> {
        Field::ALL.into_iter().find(|f| f.name() == name)
    }
}

/// One job posting.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Posting {
    /// The feed's own id, or `<file name>#<record number>` where it had none. Need not be unique.
    pub id: String,
    /// 0 or 1 in data sets, absent elsewhere: is it a recruitment scam?
    pub label: Option<bool>,
    /// Fields of the original record that no alias maps onto a field of ours, kept as they were.
    pub extra: Map<String, Value>,
    fields: [String; Field::ALL.len()],
}

impl Posting {
    /// A posting of one text, as a social post is.
    pub fn from_text(id: impl Into<String>, text: impl Into<String>) -> Posting {
        let mut posting = Posting { id: id.into(), ..Posting::default() };
        posting.set(Field::Description, text);
        posting
    }

    /// The text of a field; empty when the posting does not have it.
    pub fn get(&self, field: Field) -> &str {
        &self.fields[field as usize]
    }

    /// Replaces the text of a field.
    pub fn set(&mut self, field: Field, text: impl Into<String>) {
        self.fields[field as usize] = text.into();
    }

    /// Adds a line to the text of a field.
    pub fn add_line(&mut self, field: Field, line: &str) {
        let text = &mut self.fields[field as usize];
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(line);
    }

    /// True when no field that is read for signals holds anything but white space.
    pub fn has_no_text(&self) -> bool {
        Field::READ.into_iter().all(|f| self.get(f).trim().is_empty())
    }

    /// Bytes of text in the fields that are read for signals.
    pub fn text_bytes(&self) -> usize {
        Field::READ.into_iter().map(|f| self.get(f).len()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn field_discriminants_follow_the_order_of_all() {
        for (i, field) in Field::ALL.into_iter().enumerate() {
            assert_eq!(field as usize, i);
            assert_eq!(Field::from_name(field.name()), Some(field));
        }
        assert_eq!(Field::from_name("id"), None);
    }

    #[test]
    fn white_space_is_no_text() {
        let mut posting = Posting::from_text("1", " \n\t");
        assert!(posting.has_no_text());
        posting.set(Field::Url, "https://example.com");
        assert!(posting.has_no_text(), "an address alone is nothing to read");
        posting.set(Field::Title, "Cook");
        assert!(!posting.has_no_text());
    }
}
