/*!
The names that feeds give to the fields of a posting.

There is one table, so that a name means the same in every format. Names compare without case, `_`, `-`, dots, slashes,
colons, spaces and camel-case humps: `jobTitle`, `job_title`, `Job Title` and `JOB-TITLE` are one name.

Not in the table, and so kept in `extra`: the columns of data sets that are no content (`weight`, `prior_weight`,
`group`, `near_dup_cluster`, `family`, `kind`...) and names that mean different things in different feeds (`name`,
`type`, `status`, `author`).
*/

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use crate::posting::Field;

/// What a source name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The posting's id.
    Id,
    /// The label of a data set.
    Label,
    /// A field; of several such names in a record the first that is not empty wins, and of those of prose all that differ
    /// are joined, a line each.
    Whole(Field),
    /// A line more of a field, whatever else fills it: a phone number beside an e-mail address.
    Also(Field),
    /// A piece of a field that is used only when no other name fills the field.
    Part(Part),
}

impl Target {
    /// The field that this name can fill.
    pub fn field(self) -> Option<Field> {
        match self {
            Target::Id | Target::Label => None,
            Target::Whole(field) | Target::Also(field) => Some(field),
            Target::Part(part) => Some(part.field()),
        }
    }
}

/// A piece of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// Street and number.
    Street,
    /// Town.
    City,
    /// State, province, region.
    Region,
    /// Postal code.
    Postcode,
    /// Country.
    Country,
    /// Lower end of the pay.
    PayMin,
    /// Upper end of the pay.
    PayMax,
    /// Currency of the pay.
    Currency,
    /// What the pay is for: hour, month, year...
    PayPeriod,
    /// A short form of the description.
    Summary,
}

impl Part {
    /// The field that the piece belongs to.
    pub const fn field(self) -> Field {
        match self {
            Part::Street | Part::City | Part::Region | Part::Postcode | Part::Country => Field::Location,
            Part::PayMin | Part::PayMax | Part::Currency | Part::PayPeriod => Field::Salary,
            Part::Summary => Field::Description,
        }
    }
}

use Field::*;
use Target::*;

#[rustfmt::skip]
const TABLE: &[(Target, &[&str])] = &[
    (Id, &["id", "job_id", "jobid", "posting_id", "post_id", "message_id", "tweet_id", "listing_id", "ad_id", "vacancy_id",
        "record_id", "external_id", "referencenumber", "reference_number", "reference_id", "job_reference", "ref",
        "partnerJobId", "requisition_id", "shortcode", "identifier", "key", "job_key", "uuid", "guid", "_id"]),
    (Label, &["label", "fraudulent", "is_fraudulent", "is_fraud", "is_scam", "is_lure", "y"]),

    (Whole(Title), &["title", "job_title", "position", "position_title", "job_position", "job_name", "vacancy",
        "vacancy_title", "posting_title", "post_title", "ad_title", "role", "job_role", "headline", "subject"]),
    (Whole(Company), &["company", "company_name", "employer", "employer_name", "hiringOrganization",
        "hiringOrganization.name", "organization", "organization_name", "organisation", "organisation_name",
        "advertiser", "advertiser_name", "business_name", "recruiter_name", "company.name", "company.display_name"]),
    (Whole(Location), &["location", "job_location", "location_name", "work_location", "workplace", "place",
        "place_of_work", "formatted_location", "candidate_required_location", "jobLocation.address", "location.name",
        "location.display_name", "locations"]),
    (Part(Part::Street), &["street", "street_address", "jobLocation.address.streetAddress"]),
    (Part(Part::City), &["city", "town", "locality", "address_locality", "job_city",
        "jobLocation.address.addressLocality"]),
    (Part(Part::Region), &["state", "region", "province", "address_region", "job_state",
        "jobLocation.address.addressRegion"]),
    (Part(Part::Postcode), &["postal_code", "postcode", "zip", "zip_code", "jobLocation.address.postalCode"]),
    (Part(Part::Country), &["country", "country_name", "country_code", "address_country", "job_country",
        "jobLocation.address.addressCountry", "applicantLocationRequirements"]),

    (Whole(Salary), &["salary", "salaries", "salary_range", "base_salary", "salary_text", "salary_description", "salary_string",
        "formatted_salary", "estimated_salary", "pay", "pay_range", "pay_rate", "compensation", "compensation_range",
        "wage", "wages", "remuneration", "pay_input_ranges"]),
    (Part(Part::PayMin), &["salary_min", "min_salary", "salary_from", "min_amount", "compensation_min",
        "baseSalary.value.minValue", "baseSalary.minValue"]),
    (Part(Part::PayMax), &["salary_max", "max_salary", "salary_to", "max_amount", "compensation_max",
        "baseSalary.value.maxValue", "baseSalary.maxValue"]),
    (Part(Part::Currency), &["currency", "salary_currency", "compensation_currency", "currency_code", "baseSalary.currency"]),
    (Part(Part::PayPeriod), &["pay_period", "salary_period", "salary_interval", "salary_unit", "compensation_interval",
        "compensation_period",
        "baseSalary.value.unitText", "baseSalary.unitText"]),

    (Whole(Description), &["description", "job_description", "desc", "full_description", "description_text",
        "description_html", "description_plain", "body", "body_text", "text", "full_text", "content", "content_text", "content_encoded",
        "message", "message_text", "msg", "caption", "post", "post_text", "post_body", "post_content", "tweet",
        "selftext", "posting", "posting_text", "ad_text", "job_text", "details", "job_details", "job_descriptions"]),
    (Also(Description), &["responsibilities", "job_responsibilities", "duties", "job_duties"]),
    (Part(Part::Summary), &["summary", "job_summary", "short_description", "snippet", "excerpt", "abstract"]),

    (Whole(Requirements), &["requirements", "job_requirements", "requirement", "qualifications",
        "job_qualifications"]),
    (Also(Requirements), &["skills", "skills_desc", "required_skills", "experience", "experience_requirements", "education",
        "education_requirements"]),
    (Whole(Benefits), &["benefits", "job_benefits", "benefit", "perks", "what_we_offer", "incentive_compensation"]),
    (Whole(CompanyProfile), &["company_profile", "company_description", "company_info", "company_overview",
        "company_about", "about", "about_us", "about_company", "about_the_company", "employer_description",
        "employer_profile", "employer_overview", "hiringOrganization.description", "organization_description"]),

    (Also(Contact), &["contact", "contacts", "contact_info", "contact_details", "contact_information",
        "application_contact", "contact_person", "contact_name", "contact_email", "contact_phone", "contact_number",
        "email", "e_mail", "email_address", "apply_email", "application_email", "poster_email", "phone", "phone_number", "telephone",
        "tel", "mobile", "whatsapp", "whatsapp_number", "telegram", "wechat", "line_id", "apply_to", "how_to_apply",
        "application_instructions", "application_info", "apply_url", "apply_link", "application_url",
        "application_link", "careers_apply_url"]),

    (Whole(EmploymentType), &["employment_type", "employment", "job_type", "job_types", "contract_type", "work_type",
        "formatted_work_type", "job_schedule_type", "employment_type_code"]),
    (Whole(Url), &["url", "link", "href", "permalink", "job_url", "job_link", "posting_url", "job_posting_url",
        "post_url", "page_url", "detail_url", "web_url", "absolute_url", "hosted_url", "canonical_url", "careers_url", "source_url", "redirect_url"]),
    (Whole(PostedAt), &["posted_at", "date_posted", "posted_date", "posted_on", "posted", "post_date", "date",
        "datetime", "created_at", "created", "created_utc", "created_date", "creation_date", "date_created",
        "date_added", "published_at", "published_on", "first_published", "published", "published_date", "publication_date", "date_published", "pub_date", "publish_date",
        "listed_at", "listed_time", "list_date", "original_listed_time", "timestamp"]),
    (Whole(Source), &["source", "source_name", "platform", "feed", "feed_name", "site", "site_name", "channel",
        "channel_name", "portal", "job_board", "provider", "publisher", "origin"]),
    (Whole(Language), &["language", "lang", "in_language", "language_code", "lang_code", "locale",
        "content_language"]),
];

/// A feed that uses names in a sense of its own.
#[derive(Debug)]
pub struct Dialect {
    /// Names of which all are in each of its records.
    marks: &'static [&'static str],
    /// What its names stand for, in the order in which they are read; a dot leads into an object.
    pub names: &'static [(&'static str, Target)],
}

/// Job boards of which the public interface is documented. Their other names are those of the table.
#[rustfmt::skip]
const DIALECTS: &[Dialect] = &[
    // Greenhouse: the number in the address, and not the requisition's, which several posts share.
    Dialect { marks: &["absolute_url", "internal_job_id"], names: &[("id", Id)] },
    // Lever: `text` is what others call title, and most of the text is in lists with headings.
    Dialect {
        marks: &["hostedUrl", "text"],
        names: &[
            ("id", Id),
            ("text", Whole(Title)),
            ("description", Whole(Description)),
            ("lists", Also(Description)),
            ("additional", Also(Description)),
            ("categories.location", Whole(Location)),
            ("categories.commitment", Whole(EmploymentType)),
        ],
    },
    // SmartRecruiters: `name` is the title, and the text is in sections.
    Dialect {
        marks: &["jobAd", "name"],
        names: &[
            ("id", Id),
            ("name", Whole(Title)),
            ("jobAd.sections.jobDescription.text", Whole(Description)),
            ("jobAd.sections.additionalInformation.text", Also(Description)),
            ("jobAd.sections.qualifications.text", Whole(Requirements)),
            ("jobAd.sections.companyDescription.text", Whole(CompanyProfile)),
            ("typeOfEmployment.label", Whole(EmploymentType)),
            ("applyUrl", Also(Contact)),
            ("postingUrl", Whole(Url)),
            ("releasedDate", Whole(PostedAt)),
        ],
    },
    // USAJOBS: what a search has found is in an object of its own, and most of the text in one further down.
    Dialect {
        marks: &["MatchedObjectDescriptor"],
        names: &[
            ("MatchedObjectId", Id),
            ("MatchedObjectDescriptor.PositionID", Id),
            ("MatchedObjectDescriptor.PositionTitle", Whole(Title)),
            ("MatchedObjectDescriptor.OrganizationName", Whole(Company)),
            ("MatchedObjectDescriptor.PositionLocationDisplay", Whole(Location)),
            ("MatchedObjectDescriptor.PositionLocation", Whole(Location)),
            ("MatchedObjectDescriptor.PositionRemuneration", Whole(Salary)),
            ("MatchedObjectDescriptor.UserArea.Details.JobSummary", Whole(Description)),
            ("MatchedObjectDescriptor.UserArea.Details.MajorDuties", Also(Description)),
            ("MatchedObjectDescriptor.QualificationSummary", Whole(Requirements)),
            ("MatchedObjectDescriptor.UserArea.Details.Requirements", Also(Requirements)),
            ("MatchedObjectDescriptor.UserArea.Details.Benefits", Whole(Benefits)),
            ("MatchedObjectDescriptor.UserArea.Details.HowToApply", Also(Contact)),
            ("MatchedObjectDescriptor.PositionSchedule", Whole(EmploymentType)),
            ("MatchedObjectDescriptor.PositionURI", Whole(Url)),
            ("MatchedObjectDescriptor.PublicationStartDate", Whole(PostedAt)),
        ],
    },
];

/// The dialect of a record; none for nearly all.
pub fn dialect(has: impl Fn(&str) -> bool) -> Option<&'static Dialect> {
    DIALECTS.iter().find(|dialect| dialect.marks.iter().all(|mark| has(mark)))
}

/// Longest name that is looked up; a longer one is no alias.
const LONGEST: usize = 48;

static INDEX: LazyLock<FxHashMap<Vec<u8>, Target>> = LazyLock::new(|| {
    let mut index = FxHashMap::default();
    for (target, names) in TABLE {
        for name in *names {
            let mut buffer = [0; LONGEST];
            if let Some(key) = normal(name, &mut buffer) {
                index.entry(key.to_vec()).or_insert(*target);
            }
        }
    }
    index
});

/// What a source name stands for; none when the table does not have it.
pub fn resolve(name: &str) -> Option<Target> {
    let mut buffer = [0; LONGEST];
    INDEX.get(normal(name, &mut buffer)?).copied()
}

/// The accepted names that alone can fill a field, as they are usually written.
pub fn names(field: Field) -> impl Iterator<Item = &'static str> {
    TABLE
        .iter()
        .filter(move |(target, _)| matches!(target, Whole(f) | Also(f) if *f == field))
        .flat_map(|(_, names)| names.iter().copied())
}

/// The name without what does not count, in lower case. None when it is empty, too long, or not ASCII.
fn normal<'b>(name: &str, buffer: &'b mut [u8; LONGEST]) -> Option<&'b [u8]> {
    let mut length = 0;
    for byte in name.bytes() {
        match byte {
            b'_' | b'-' | b'.' | b'/' | b':' | b' ' | b'\t' => {}
            0x80.. => return None,
            _ => {
                *buffer.get_mut(length)? = byte.to_ascii_lowercase();
                length += 1;
            }
        }
    }
    (length > 0).then(|| &buffer[..length])
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn writing_does_not_matter() {
        for name in ["job_title", "jobTitle", "Job Title", "JOB-TITLE", "job.title", " jobtitle "] {
            assert_eq!(resolve(name), Some(Whole(Title)), "{name}");
        }
        assert_eq!(resolve("hiringOrganization.name"), Some(Whole(Company)));
        assert_eq!(resolve("referencenumber"), Some(Id));
        assert_eq!(resolve("partnerJobId"), Some(Id));
        assert_eq!(resolve("datePosted"), Some(Whole(PostedAt)));
        assert_eq!(resolve("salary_range"), Some(Whole(Salary)));
        assert_eq!(resolve("fraudulent"), Some(Label));
        assert_eq!(resolve("inLanguage"), Some(Whole(Language)));
        assert_eq!(resolve("jobBenefits"), Some(Whole(Benefits)));
        assert_eq!(resolve("addressLocality"), Some(Part(Part::City)));
    }

    #[test]
    fn columns_of_data_sets_are_no_fields() {
        for name in [
            "weight",
            "prior_weight",
            "sample_weight",
            "group",
            "employer_group",
            "near_dup_cluster",
            "family",
            "kind",
            "name",
            "type",
            "@type",
            "",
            "_",
            "título",
            "department",
            "industry",
        ] {
            assert_eq!(resolve(name), None, "{name}");
        }
        assert_eq!(resolve(&"title".repeat(20_000)), None);
    }

    #[test]
    fn our_own_names_resolve_to_themselves() {
        for field in Field::ALL {
            assert_eq!(resolve(field.name()).and_then(Target::field), Some(field));
        }
    }

    #[test]
    fn dialects_are_told_by_all_their_marks() {
        assert!(dialect(|name| ["id", "hostedUrl", "text"].contains(&name)).is_some());
        assert!(dialect(|name| ["id", "text"].contains(&name)).is_none());
        assert!(dialect(|_| false).is_none());
    }

    #[test]
    fn the_table_has_every_name_once() {
        let mut seen = HashMap::new();
        for (target, names) in TABLE {
            for name in *names {
                let mut buffer = [0; LONGEST];
                let key = normal(name, &mut buffer).expect("aliases are short and ASCII").to_vec();
                if let Some(other) = seen.insert(key, *target) {
                    assert_eq!(other, *target, "{name} stands for two things");
                }
            }
        }
    }
}
