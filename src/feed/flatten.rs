/*!
Text out of nested values.

Feeds nest what we read as text: schema.org puts the employer, the place and the pay into objects, Telegram exports cut a
message into runs, document stores wrap ids and dates. What a reader would see of such a value is taken; a value of
which nobody could say what its text is has none, and the caller decides whether that matters.
*/

use serde_json::{Map, Number, Value};

use crate::posting::Field;

use super::alias::{self, Part, Target};

/// The value has no obvious text; says what it is instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NotText(pub(super) &'static str);

const OBJECT: NotText = NotText("an object without an obvious text");

/// Keys under which an object holds its text, the surest first, as [`normal`] writes them.
const TEXT_KEYS: [&str; 17] = [
    "text",
    "#text",
    "$t",
    "cdata",
    "#cdatasection",
    "value",
    "@value",
    "name",
    "displayname",
    "legalname",
    "label",
    "credentialcategory",
    "rendered",
    "$oid",
    "$date",
    "$numberlong",
    "href",
];

/// Keys of a pay that is put into words, as [`normal`] writes them.
const SUMMARIES_OF_PAY: [&str; 2] = ["scrapeablecompensationsalarysummary", "compensationtiersummary"];

/// Keys of an object that says how to reach someone, in the order of the text made of it.
const CONTACT_KEYS: [&str; 9] =
    ["name", "email", "telephone", "phone", "mobile", "whatsapp", "telegram", "url", "value"];

/// The text of a value that a feed gives for a field; empty when the value says nothing. `field` is none for ids.
pub(super) fn text(field: Option<Field>, value: &Value) -> Result<String, NotText> {
    match value {
        Value::Null => Ok(String::new()),
        Value::String(text) => Ok(text.clone()),
        Value::Bool(value) => Ok(value.to_string()),
        Value::Number(number) => Ok(number_text(number)),
        Value::Array(items) => array(field, items),
        Value::Object(object) if object.is_empty() => Ok(String::new()),
        Value::Object(object) => match field {
            Some(Field::Location) => place(object),
            Some(Field::Salary) => pay(object),
            Some(Field::Contact) => contact(object),
            _ => plain(field, object),
        },
    }
}

/// A number as a person would write it: `50000`, not `50000.0`.
pub(super) fn number_text(number: &Number) -> String {
    match number.as_f64() {
        Some(value) if number.is_f64() && value.fract() == 0.0 && value.abs() < 1e15 => format!("{value:.0}"),
        _ => number.to_string(),
    }
}

fn array(field: Option<Field>, items: &[Value]) -> Result<String, NotText> {
    // Telegram writes a message as runs, [plain, {"type":"bold","text":...}]: parts of one line, not lines.
    let runs = items.iter().any(|item| item.get("type").is_some() && item.get("text").is_some());
    let mut joined = String::new();
    for item in items {
        let item = text(field, item).map_err(|_| NotText("an array of which an item has no obvious text"))?;
        if !runs && !joined.is_empty() && !item.trim().is_empty() {
            joined.push('\n');
        }
        if runs || !item.trim().is_empty() {
            joined.push_str(&item);
        }
    }
    Ok(joined)
}

/// A key without case, `_` and `-`.
fn normal(key: &str) -> String {
    key.chars().take(40).filter(|c| !matches!(c, '_' | '-')).map(|c| c.to_ascii_lowercase()).collect()
}

/// The values of `keys` in an object, in the order of `keys`; none for a key that is not there.
fn pick<'v, const N: usize>(object: &'v Map<String, Value>, keys: &[&str; N]) -> [Option<&'v Value>; N] {
    let mut found = [None; N];
    for (key, value) in object {
        let key = normal(key);
        if let Some(slot) = keys.iter().position(|k| *k == key)
            && found[slot].is_none()
        {
            found[slot] = Some(value);
        }
    }
    found
}

fn plain(field: Option<Field>, object: &Map<String, Value>) -> Result<String, NotText> {
    // Lever: a heading and what comes under it.
    if field == Some(Field::Description)
        && let [Some(Value::String(heading)), Some(Value::String(content))] = pick(object, &["text", "content"])
    {
        return Ok(format!("{heading}\n{content}"));
    }
    let mut known = false;
    for value in pick(object, &TEXT_KEYS).into_iter().flatten() {
        known = true;
        let text = text(field, value)?;
        if !text.trim().is_empty() {
            return Ok(text);
        }
    }
    // JSON-LD: no more than a type, or than where more is said.
    if known || object.keys().all(|key| key.starts_with('@')) { Ok(String::new()) } else { Err(OBJECT) }
}

/// A schema.org Place or PostalAddress, or what other feeds make of them.
fn place(object: &Map<String, Value>) -> Result<String, NotText> {
    let mut parts = Parts::default();
    let mut inner = None;
    for (key, value) in object {
        match alias::resolve(key) {
            Some(Target::Part(part)) if part.field() == Field::Location => {
                // A country may be an object with a name; a part that has no text is just not known.
                parts.offer(part, &plain_or_scalar(value));
            }
            Some(Target::Whole(Field::Location)) => inner = inner.or(Some(value)),
            _ if normal(key) == "address" => inner = inner.or(Some(value)),
            _ => {}
        }
    }
    if let Some(text) = parts.place() {
        return Ok(text);
    }
    match inner.map(|value| text(Some(Field::Location), value)) {
        Some(Ok(text)) if !text.trim().is_empty() => Ok(text),
        Some(Err(e)) => plain(Some(Field::Location), object).map_err(|_| e),
        other => match plain(Some(Field::Location), object) {
            Err(_) if other.is_some() || parts.known => Ok(String::new()),
            result => result,
        },
    }
}

/// A schema.org MonetaryAmount, or what other feeds make of it.
fn pay(object: &Map<String, Value>) -> Result<String, NotText> {
    let mut parts = Parts::default();
    let mut exact = String::new();
    read_pay(object, &mut parts, &mut exact);
    if let Some(text) = parts.pay(&exact) {
        return Ok(text);
    }
    // Ashby: what applicants are shown.
    let shown = pick(object, &SUMMARIES_OF_PAY).into_iter().flatten().find_map(Value::as_str);
    if let Some(text) = shown {
        return Ok(text.to_owned());
    }
    // As a text and not as a pay: what is nested was read as pay above, and must not be again at every depth.
    match plain(None, object) {
        Err(_) if parts.known => Ok(String::new()),
        result => result,
    }
}

fn read_pay(object: &Map<String, Value>, parts: &mut Parts, exact: &mut String) {
    for (key, value) in object {
        match normal(key).as_str() {
            "min" | "minimum" | "minimumrange" | "minvalue" | "minamount" | "minprice" | "from" | "low" => {
                parts.offer(Part::PayMin, &scalar(value))
            }
            "max" | "maximum" | "maximumrange" | "maxvalue" | "maxamount" | "maxprice" | "to" | "high" => {
                parts.offer(Part::PayMax, &scalar(value))
            }
            "mincents" => parts.offer(Part::PayMin, &from_cents(value)),
            "maxcents" => parts.offer(Part::PayMax, &from_cents(value)),
            "lowend" => end_of_pay(Part::PayMin, value, parts),
            "highend" => end_of_pay(Part::PayMax, value, parts),
            "currency" | "currencycode" | "currencysymbol" | "currencytype" | "pricecurrency" => {
                parts.offer(Part::Currency, &scalar(value))
            }
            "unittext" | "unitcode" | "rateintervalcode" | "unit" | "period" | "interval" | "per" | "payperiod"
            | "duration" => {
                parts.offer(Part::PayPeriod, &scalar(value));
            }
            "value" | "amount" | "price" | "median" => match value {
                Value::Object(inner) => read_pay(inner, parts, exact),
                Value::Array(items) => {
                    if let Some(Value::Object(inner)) = items.first() {
                        read_pay(inner, parts, exact);
                    }
                }
                value => {
                    parts.known = true;
                    if exact.is_empty() {
                        *exact = amount(&scalar(value));
                    }
                }
            },
            _ => {}
        }
    }
}

/// LinkedIn gives both ends of a pay with their currency.
fn end_of_pay(end: Part, value: &Value, parts: &mut Parts) {
    let Value::Object(object) = value else { return parts.offer(end, &scalar(value)) };
    let [amount, currency] = pick(object, &["amount", "currencycode"]);
    for (part, value) in [(end, amount), (Part::Currency, currency)] {
        parts.offer(part, &value.map(scalar).unwrap_or_default());
    }
}

/// Greenhouse gives pay in the hundredth part of the currency.
fn from_cents(value: &Value) -> String {
    match value.as_u64() {
        Some(cents) if cents % 100 == 0 => (cents / 100).to_string(),
        Some(cents) => format!("{}.{:02}", cents / 100, cents % 100),
        None => String::new(),
    }
}

fn contact(object: &Map<String, Value>) -> Result<String, NotText> {
    let mut lines = String::new();
    let mut known = false;
    for value in pick(object, &CONTACT_KEYS).into_iter().flatten() {
        known = true;
        let line = plain_or_scalar(value);
        if !line.trim().is_empty() {
            if !lines.is_empty() {
                lines.push('\n');
            }
            lines.push_str(&line);
        }
    }
    if known { Ok(lines) } else { plain(Some(Field::Contact), object) }
}

fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number_text(number),
        _ => String::new(),
    }
}

fn plain_or_scalar(value: &Value) -> String {
    text(None, value).unwrap_or_default()
}

/// An amount, or nothing when it is zero: feeds write 0 where they do not know the pay.
fn amount(text: &str) -> String {
    if text.trim().parse::<f64>() == Ok(0.0) { String::new() } else { text.trim().to_owned() }
}

/// Pieces of a place or of a pay, the first that is not empty for each.
#[derive(Default)]
pub(super) struct Parts {
    texts: [String; PARTS.len()],
    known: bool,
}

const PARTS: [Part; 10] = [
    Part::Street,
    Part::City,
    Part::Region,
    Part::Postcode,
    Part::Country,
    Part::PayMin,
    Part::PayMax,
    Part::Currency,
    Part::PayPeriod,
    Part::Summary,
];

impl Parts {
    /// Takes a piece unless it is empty or there already; true when it was taken.
    pub(super) fn add(&mut self, part: Part, text: &str) -> bool {
        let slot = &mut self.texts[part as usize];
        let text = match part {
            Part::PayMin | Part::PayMax => amount(text),
            Part::Summary => text.to_owned(),
            _ => text.trim().to_owned(),
        };
        let taken = slot.is_empty() && !text.trim().is_empty();
        if taken {
            *slot = text;
        }
        taken
    }

    fn offer(&mut self, part: Part, text: &str) {
        self.known = true;
        self.add(part, text);
    }

    fn get(&self, part: Part) -> &str {
        &self.texts[part as usize]
    }

    /// What the pieces of a field make together; none when they make nothing. `amount` is the pay where that is known.
    pub(super) fn join(&self, field: Field, amount: &str) -> Option<String> {
        match field {
            Field::Location => self.place(),
            Field::Salary => self.pay(amount),
            Field::Description => Some(self.get(Part::Summary).to_owned()).filter(|text| !text.is_empty()),
            _ => None,
        }
    }

    fn place(&self) -> Option<String> {
        let pieces: Vec<_> = [Part::Street, Part::City, Part::Region, Part::Postcode, Part::Country]
            .into_iter()
            .map(|part| self.get(part))
            .filter(|piece| !piece.is_empty())
            .collect();
        (!pieces.is_empty()).then(|| pieces.join(", "))
    }

    /// `USD 1000-2000 per month`; a currency or a period alone is no pay.
    fn pay(&self, exact: &str) -> Option<String> {
        let currency = self.get(Part::Currency);
        let money = |amount: &str| if currency.is_empty() { amount.to_owned() } else { format!("{currency} {amount}") };
        let mut text = match (self.get(Part::PayMin), self.get(Part::PayMax)) {
            ("", "") if exact.is_empty() => return None,
            ("", "") => money(exact),
            (min, "") => format!("from {}", money(min)),
            ("", max) => format!("up to {}", money(max)),
            (min, max) if min == max => money(min),
            (min, max) => format!("{}-{max}", money(min)),
        };
        let period = self.get(Part::PayPeriod).to_lowercase();
        // Lever's `per-year-salary`, Ashby's `1 YEAR`, and the `PA` of USAJOBS.
        let period = period.strip_prefix("per-").unwrap_or(&period);
        let period = period.strip_suffix("-salary").or_else(|| period.strip_suffix("-wage")).unwrap_or(period);
        let period = match period.strip_prefix("1 ").unwrap_or(period) {
            "hourly" | "hur" | "ph" | "pt1h" => "hour",
            "daily" | "p1d" => "day",
            "weekly" | "wee" | "p1w" => "week",
            "monthly" | "mon" | "p1m" => "month",
            "yearly" | "annual" | "annually" | "ann" | "pa" | "p1y" => "year",
            other => other,
        };
        if !period.is_empty() {
            text.push_str(" per ");
            text.push_str(period.strip_prefix("per ").unwrap_or(period));
        }
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn flat(field: Field, value: Value) -> Result<String, NotText> {
        text(Some(field), &value)
    }

    #[test]
    fn parts_are_numbered_in_the_order_of_their_table() {
        assert!(PARTS.into_iter().enumerate().all(|(i, part)| part as usize == i));
    }

    #[test]
    fn scalars_become_strings() {
        assert_eq!(flat(Field::Title, json!("Cook")).unwrap(), "Cook");
        assert_eq!(flat(Field::Salary, json!(50000)).unwrap(), "50000");
        assert_eq!(flat(Field::Salary, json!(50000.0)).unwrap(), "50000");
        assert_eq!(flat(Field::Salary, json!(17.5)).unwrap(), "17.5");
        assert_eq!(flat(Field::Benefits, json!(true)).unwrap(), "true");
        assert_eq!(flat(Field::Benefits, json!(null)).unwrap(), "");
        assert_eq!(flat(Field::Benefits, json!({})).unwrap(), "");
        assert_eq!(flat(Field::Benefits, json!([])).unwrap(), "");
    }

    #[test]
    fn arrays_of_strings_are_lines_and_runs_are_one_line() {
        assert_eq!(flat(Field::Benefits, json!(["lunch", "", null, "visa"])).unwrap(), "lunch\nvisa");
        let message = json!(["Typist. ", {"type": "bold", "text": "Free"}, " flight"]);
        assert_eq!(flat(Field::Description, message).unwrap(), "Typist. Free flight");
    }

    #[test]
    fn schema_org_employer_place_and_pay() {
        let employer = json!({"@type": "Organization", "sameAs": "http://a.example", "name": "Acme"});
        assert_eq!(flat(Field::Company, employer).unwrap(), "Acme");
        let place = json!({"@type": "Place", "address": {"@type": "PostalAddress", "streetAddress": "1 Main St",
            "addressLocality": "Mae Sot", "addressRegion": "Tak", "postalCode": "63110",
            "addressCountry": {"@type": "Country", "name": "Thailand"}}});
        let line = "1 Main St, Mae Sot, Tak, 63110, Thailand";
        assert_eq!(flat(Field::Location, place.clone()).unwrap(), line);
        assert_eq!(flat(Field::Location, json!([place, {"name": "Remote"}])).unwrap(), format!("{line}\nRemote"));
        assert_eq!(flat(Field::Location, json!({"address": "1 Main St"})).unwrap(), "1 Main St");
        let pay = |value: Value| flat(Field::Salary, value).unwrap();
        let range = json!({"minValue": 1000, "maxValue": 2000.0, "unitText": "MONTH"});
        assert_eq!(pay(json!({"currency": "USD", "value": range})), "USD 1000-2000 per month");
        assert_eq!(pay(json!({"currency": "EUR", "value": {"value": 20, "unitText": "HOUR"}})), "EUR 20 per hour");
        assert_eq!(pay(json!({"currency": "EUR", "value": 20})), "EUR 20");
        assert_eq!(pay(json!({"minValue": 1000})), "from 1000");
        assert_eq!(pay(json!({"max": "2000", "currency": "$"})), "up to $ 2000");
        assert_eq!(pay(json!({"currency": null, "value": null})), "");
        assert_eq!(pay(json!({"text": "negotiable"})), "negotiable");
        let list = json!([{"@type": "QuantitativeValue", "value": "20.50", "unitCode": "HUR"}]);
        assert_eq!(pay(json!({"currency": "EUR", "value": list})), "EUR 20.50 per hour");
        assert_eq!(pay(json!({"price": 900, "priceCurrency": "USD"})), "USD 900");
        let ranges = json!([{"min_cents": 5000000, "max_cents": 7500050, "currency_type": "USD", "title": "NYC"}]);
        assert_eq!(pay(ranges), "USD 50000-75000.50");
        let range = json!({"currency": "EUR", "interval": "per-hour-wage", "min": 19, "max": 23});
        assert_eq!(pay(range), "EUR 19-23 per hour");
        let shown = json!({"compensationTierSummary": "$81K – $87K", "scrapeableCompensationSalarySummary": null});
        assert_eq!(pay(shown), "$81K – $87K");
        let lists = json!([{"text": "You will", "content": "<li>cook</li>"}, {"text": "Pay"}]);
        assert_eq!(flat(Field::Description, lists).unwrap(), "You will\n<li>cook</li>\nPay");
        let estimated = json!([{"name": "base", "currency": "USD", "duration": "P1Y", "median": 52000}]);
        assert_eq!(pay(estimated), "USD 52000 per year");
        assert_eq!(flat(Field::Company, json!({"@id": "https://a.example/#organization"})).unwrap(), "");
        let linked_in = json!([{"highEnd": {"amount": "41000", "currencyCode": "GBP"}, "lowEnd": {"amount": "36500",
            "currencyCode": "GBP"}, "period": "YEARLY"}]);
        assert_eq!(pay(linked_in), "GBP 36500-41000 per year");
    }

    #[test]
    fn contacts_and_wrapped_ids() {
        let contact = json!({"@type": "ContactPoint", "telephone": "+1 555", "email": "a@b.example"});
        assert_eq!(flat(Field::Contact, contact).unwrap(), "a@b.example\n+1 555");
        assert_eq!(text(None, &json!({"$oid": "5f"})).unwrap(), "5f");
        assert_eq!(text(None, &json!({"@type": "PropertyValue", "name": "Acme", "value": "77"})).unwrap(), "77");
    }

    #[test]
    fn what_has_no_obvious_text_says_so() {
        assert_eq!(flat(Field::Description, json!({"a": "b"})), Err(OBJECT));
        assert!(flat(Field::Description, json!(["a", {"b": 1}])).is_err());
        assert!(flat(Field::Location, json!({"lat": 1.5})).is_err());
        assert!(flat(Field::Salary, json!({"foo": 1})).is_err());
        assert_eq!(flat(Field::Description, json!({"text": null})).unwrap(), "");
    }
}
