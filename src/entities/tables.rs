/*!
The tables of amounts and currencies.

The rest of the module asks these tables and knows no word of any language itself; to teach it a notation is to add a
row.
*/

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::TableError;
use super::numerals::{Numeral, NumeralFile};
use super::period::Period;
use super::vocab::{Side, Vocab};

/// The three letters of ISO 4217.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CurrencyCode([u8; 3]);

impl CurrencyCode {
    /// The code of the given letters, in capitals; none unless they are three ASCII letters.
    pub fn new(code: &str) -> Option<CurrencyCode> {
        let letters: [u8; 3] = code.as_bytes().try_into().ok()?;
        letters
            .iter()
            .all(u8::is_ascii_alphabetic)
            .then_some(CurrencyCode(letters.map(|letter| letter.to_ascii_uppercase())))
    }

    /// The letters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("???")
    }
}

/// What the currency table says of one currency.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Currency {
    /// ISO 4217 code.
    pub code: CurrencyCode,
    /// US dollars for one unit.
    pub usd: f64,
    /// The lowest and highest month's pay that an advertisement may state, in units.
    pub month: (f64, f64),
    /// What a bare amount is counted in where people leave the multiplier out; 1 where they do not.
    pub spoken: f64,
}

/// At most so many currencies share a word.
const SHARERS: usize = 10;

/// How a spelling of a currency may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Stand {
    /// Wherever it touches an amount.
    Free,
    /// The amount must look like one: the spelling means something else too.
    Weak,
}

/// A spelling that names one currency, or several of which the context chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Spelling {
    /// Indexes into the currencies, the likeliest first.
    pub(crate) sharers: [u8; SHARERS],
    /// How many of them count.
    pub(crate) count: u8,
    /// Whether it proves money alone.
    pub(crate) stand: Stand,
    /// It is one sign or a word for several currencies, so that a code on the other side decides.
    pub(crate) shared: bool,
    /// It counts only when it touches the number.
    pub(crate) tight: bool,
    /// The first currency is meant while a month's pay in it is at most this.
    pub(crate) upto: Option<u32>,
}

impl Spelling {
    fn of(sharers: &[u8], stand: Stand, shared: bool, tight: bool) -> Spelling {
        let mut all = [0; SHARERS];
        for (place, sharer) in all.iter_mut().zip(sharers) {
            *place = *sharer;
        }
        Spelling { sharers: all, count: sharers.len().min(SHARERS) as u8, stand, shared, tight, upto: None }
    }

    /// The currencies it may mean.
    pub(crate) fn sharers(&self) -> &[u8] {
        self.sharers.get(..usize::from(self.count)).unwrap_or_default()
    }
}

/// Indexes of the currencies that a word speaks for, the likelier one first.
pub(crate) type Hint = [Option<u8>; 2];

/// A multiplier.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Factor {
    pub(crate) value: f64,
    pub(crate) hint: Hint,
    pub(crate) tight: bool,
    /// The word is said of money only.
    pub(crate) money: bool,
    /// A last digit that counts tenths may stand apart: 19 man 2.
    pub(crate) spaced: bool,
    /// The period that the word names too.
    pub(crate) per: Option<Period>,
}

/// All tables of amounts.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Tables {
    pub(crate) currencies: Vec<Currency>,
    pub(crate) sign_before: Vocab<Spelling>,
    pub(crate) sign_ahead: Vocab<Spelling>,
    pub(crate) sign_behind: Vocab<Spelling>,
    pub(crate) factors: Vocab<Factor>,
    pub(crate) factors_ahead: Vocab<Factor>,
    pub(crate) units: Vocab<Period>,
    pub(crate) units_back: Vocab<Period>,
    pub(crate) whole: Vocab<Period>,
    pub(crate) periods_behind: Vocab<Period>,
    pub(crate) periods_ahead: Vocab<Period>,
    pub(crate) links: Vocab<()>,
    pub(crate) links_back: Vocab<()>,
    pub(crate) pay: Vocab<Hint>,
    pub(crate) connectors: Vocab<()>,
    pub(crate) counters: Vocab<()>,
    pub(crate) idioms: Vocab<()>,
    pub(crate) fillers: Vocab<()>,
    /// First and last character of a script, and the currency of where it is at home.
    pub(crate) scripts: Vec<(char, char, u8)>,
    pub(crate) numerals: Vocab<Numeral>,
}

#[derive(Deserialize)]
struct CurrencyFile {
    shared: Vec<SharedRow>,
    currency: Vec<CurrencyRow>,
}

#[derive(Deserialize)]
struct SharedRow {
    words: Vec<String>,
    codes: Vec<String>,
    upto: Option<u32>,
}

/// Amounts are counted in units, unless the row says otherwise.
fn one() -> f64 {
    1.0
}

#[derive(Deserialize)]
struct CurrencyRow {
    code: String,
    usd: f64,
    month: [f64; 2],
    #[serde(default = "one")]
    spoken: f64,
    signs: Vec<String>,
    names: Vec<String>,
    #[serde(default)]
    tight: Vec<String>,
    #[serde(default)]
    behind: Vec<String>,
    #[serde(default)]
    weak: Vec<String>,
}

#[derive(Deserialize)]
struct AmountFile {
    multiplier: Vec<FactorRow>,
    ahead: Vec<FactorRow>,
    period: Vec<PeriodRow>,
    links: Words,
    pay: Vec<PayRow>,
    connectors: Words,
    counters: Words,
    idioms: Words,
    fillers: Words,
    scripts: Scripts,
    numerals: NumeralFile,
}

#[derive(Deserialize)]
struct Words {
    words: Vec<String>,
}

#[derive(Deserialize)]
struct Scripts {
    rows: Vec<(char, char, String)>,
}

#[derive(Deserialize)]
struct FactorRow {
    value: f64,
    hint: Option<String>,
    or: Option<String>,
    #[serde(default)]
    money: bool,
    #[serde(default)]
    spaced: bool,
    per: Option<Period>,
    words: Vec<String>,
    #[serde(default)]
    tight: Vec<String>,
}

#[derive(Deserialize)]
struct PeriodRow {
    per: Period,
    units: Vec<String>,
    whole: Vec<String>,
    #[serde(default)]
    behind: Vec<String>,
    #[serde(default)]
    ahead: Vec<String>,
}

#[derive(Deserialize)]
struct PayRow {
    hint: Option<String>,
    or: Option<String>,
    words: Vec<String>,
}

/// Words with what they stand for, on their way into a [`Vocab`].
type Entries<T> = Vec<(Cow<'static, str>, T)>;

fn push<T: Copy>(entries: &mut Entries<T>, words: &[String], value: T) {
    entries.extend(words.iter().map(|word| (Cow::Owned(word.clone()), value)));
}

impl Tables {
    /// Reads the two data files; the build does this, and writes what comes out into the program.
    pub(crate) fn read(currencies: &str, amounts: &str) -> Result<Tables, TableError> {
        let file: CurrencyFile =
            toml::from_str(currencies).map_err(|cause| TableError::file("currencies.toml", cause))?;
        let amounts: AmountFile = toml::from_str(amounts).map_err(|cause| TableError::file("amounts.toml", cause))?;
        let mut currencies = Vec::with_capacity(file.currency.len());
        for row in &file.currency {
            if let Some(code) = CurrencyCode::new(&row.code) {
                let month = (row.month[0], row.month[1]);
                currencies.push(Currency { code, usd: row.usd, month, spoken: row.spoken });
            }
        }
        let index = |code: &str| -> Option<u8> {
            let code = CurrencyCode::new(code)?;
            currencies.iter().position(|currency| currency.code == code).and_then(|index| u8::try_from(index).ok())
        };
        let hint = |first: &Option<String>, second: &Option<String>| -> Hint {
            [first, second].map(|code| code.as_deref().and_then(index))
        };

        let (mut ahead, mut behind): (Entries<Spelling>, Entries<Spelling>) = (Vec::new(), Vec::new());
        for row in &file.shared {
            let sharers: Vec<u8> = row.codes.iter().filter_map(|code| index(code)).collect();
            let spelling = Spelling { upto: row.upto, ..Spelling::of(&sharers, Stand::Free, true, false) };
            push(&mut ahead, &row.words, spelling);
            push(&mut behind, &row.words, spelling);
        }
        for row in &file.currency {
            let Some(index) = index(&row.code) else { continue };
            let one = |stand, tight| Spelling::of(&[index], stand, false, tight);
            for words in [&row.signs, &row.names] {
                push(&mut ahead, words, one(Stand::Free, false));
                push(&mut behind, words, one(Stand::Free, false));
            }
            push(&mut ahead, &row.tight, one(Stand::Weak, true));
            push(&mut behind, &row.behind, one(Stand::Weak, false));
            push(&mut ahead, &row.weak, one(Stand::Weak, false));
            push(&mut behind, &row.weak, one(Stand::Weak, false));
        }
        let sign_before = Vocab::new(Side::End, ahead.clone());
        let sign_ahead = Vocab::new(Side::Start, ahead);
        let sign_behind = Vocab::new(Side::Start, behind);

        let factors = |rows: &[FactorRow], side| {
            let mut entries = Vec::new();
            for row in rows {
                let factor = Factor {
                    value: row.value,
                    hint: hint(&row.hint, &row.or),
                    tight: false,
                    money: row.money,
                    spaced: row.spaced,
                    per: row.per,
                };
                push(&mut entries, &row.words, factor);
                push(&mut entries, &row.tight, Factor { tight: true, ..factor });
            }
            Vocab::new(side, entries)
        };
        let (mut units, mut whole, mut periods_behind, mut periods_ahead) = (vec![], vec![], vec![], vec![]);
        for row in &amounts.period {
            push(&mut units, &row.units, row.per);
            push(&mut whole, &row.whole, row.per);
            push(&mut periods_behind, &row.whole, row.per);
            push(&mut periods_behind, &row.behind, row.per);
            push(&mut periods_ahead, &row.ahead, row.per);
            push(&mut periods_ahead, &row.whole, row.per);
        }
        let mut pay = Vec::new();
        for row in &amounts.pay {
            push(&mut pay, &row.words, hint(&row.hint, &row.or));
        }
        let scripts =
            amounts.scripts.rows.iter().filter_map(|(from, to, code)| Some((*from, *to, index(code)?))).collect();
        let plain =
            |words: &Words, side| Vocab::new(side, words.words.iter().map(|word| (Cow::Owned(word.clone()), ())));
        Ok(Tables {
            sign_before,
            sign_ahead,
            sign_behind,
            factors: factors(&amounts.multiplier, Side::Start),
            factors_ahead: factors(&amounts.ahead, Side::End),
            units_back: Vocab::new(Side::End, units.clone()),
            units: Vocab::new(Side::Start, units),
            whole: Vocab::new(Side::Start, whole),
            periods_behind: Vocab::new(Side::Start, periods_behind),
            periods_ahead: Vocab::new(Side::End, periods_ahead),
            links_back: plain(&amounts.links, Side::End),
            links: plain(&amounts.links, Side::Start),
            pay: Vocab::new(Side::Start, pay),
            connectors: plain(&amounts.connectors, Side::Start),
            counters: plain(&amounts.counters, Side::Start),
            idioms: plain(&amounts.idioms, Side::Start),
            fillers: plain(&amounts.fillers, Side::Start),
            scripts,
            numerals: amounts.numerals.vocab(),
            currencies,
        })
    }

    /// The currency at an index that a row names.
    pub(crate) fn currency(&self, index: u8) -> Option<&Currency> {
        self.currencies.get(usize::from(index))
    }

    /// The currency of the country where the writing of `text` is at home, by its first character that tells.
    pub(crate) fn at_home(&self, text: impl Iterator<Item = char>) -> Option<u8> {
        text.filter(|c| !c.is_ascii()).find_map(|c| {
            self.scripts.iter().find(|(from, to, _)| (*from..=*to).contains(&c)).map(|(_, _, index)| *index)
        })
    }

    /// The currency of a code.
    pub(crate) fn by_code(&self, code: CurrencyCode) -> Option<&Currency> {
        self.currencies.iter().find(|currency| currency.code == code)
    }
}
