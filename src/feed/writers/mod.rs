/*!
Verdicts out: as JSON lines, as a table, or as a Parquet file.

A writer of lines turns one verdict into bytes and holds no stream, so that it can run in any thread; the writer of Parquet
holds the file in the making. Which keys or columns are written, and in which order, is told by [`Column`]s.
*/

mod csv;
mod jsonl;
mod parquet;

use std::fmt;
use std::str::FromStr;

pub use csv::CsvWriter;
pub use jsonl::JsonlWriter;
pub use parquet::ParquetWriter;

/// A key of a verdict, or a column of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Column {
    /// The posting's id.
    Id,
    /// How likely it is a scam.
    Probability,
    /// What to do with it.
    Action,
    /// The log-odds behind the probability.
    Logit,
    /// The language.
    Language,
    /// The signals; in a table their ids, with spaces between them.
    Signals,
    /// The model's name.
    Model,
    /// What every posting starts from; needs an explanation.
    Intercept,
    /// All other contributions; needs an explanation, and no table.
    Terms,
    /// Fields of the record that were not read; no table.
    Extra,
    /// Whether only the beginning of the text was read.
    Truncated,
    /// Whether the posting is read as a vacancy.
    AsVacancy,
    /// The passage that decides, where one does; no table.
    Passage,
}

impl Column {
    /// Every column, in the order of the record.
    pub const ALL: [Column; 13] = [
        Column::Id,
        Column::Probability,
        Column::Action,
        Column::Logit,
        Column::Language,
        Column::Signals,
        Column::Model,
        Column::Intercept,
        Column::Terms,
        Column::Extra,
        Column::Truncated,
        Column::AsVacancy,
        Column::Passage,
    ];

    /// The columns of a table that nobody asked otherwise of.
    pub const OF_A_TABLE: [Column; 7] = [
        Column::Id,
        Column::Probability,
        Column::Action,
        Column::Logit,
        Column::Language,
        Column::Signals,
        Column::Model,
    ];

    /// The key in records, the name in a header.
    pub const fn name(self) -> &'static str {
        match self {
            Column::Id => "id",
            Column::Probability => "probability",
            Column::Action => "action",
            Column::Logit => "logit",
            Column::Language => "language",
            Column::Signals => "signals",
            Column::Model => "model",
            Column::Intercept => "intercept",
            Column::Terms => "terms",
            Column::Extra => "extra",
            Column::Truncated => "truncated",
            Column::AsVacancy => "as_vacancy",
            Column::Passage => "passage",
        }
    }

    /// Whether a cell of a table can hold it.
    pub const fn fits_a_cell(self) -> bool {
        !matches!(self, Column::Terms | Column::Extra | Column::Passage)
    }
}

/// A name that is no column's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownColumn(String);

impl fmt::Display for UnknownColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is no key of a verdict; the keys are {}", self.0, Column::ALL.map(Column::name).join(", "))
    }
}

impl std::error::Error for UnknownColumn {}

impl FromStr for Column {
    type Err = UnknownColumn;

    fn from_str(name: &str) -> Result<Column, UnknownColumn> {
        Column::ALL.into_iter().find(|c| c.name() == name).ok_or_else(|| UnknownColumn(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::{Action, SignalVerdict, Span, Verdict};

    fn verdict() -> Verdict {
        let span = Span { field: "description".into(), start: 120, end: 131, text: "free flight".into() };
        let signal = |id: &str, spans| SignalVerdict { id: id.into(), strength: 1.0, contribution: 0.61, spans };
        Verdict {
            id: "a,\"1\"".into(),
            probability: Some(0.9731),
            action: Action::Block,
            logit: Some(3.588),
            language: "en".into(),
            signals: vec![signal("free_travel", vec![span]), signal("high_pay", vec![])],
            model: "default-1".into(),
            intercept: None,
            terms: None,
            extra: Default::default(),
            truncated: false,
            as_vacancy: false,
            passage: Vec::new(),
        }
    }

    fn jsonl(writer: &JsonlWriter, verdict: &Verdict) -> String {
        let mut out = Vec::new();
        writer.write(verdict, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_verdict_is_a_line_with_its_keys_in_order() {
        assert_eq!(
            jsonl(&JsonlWriter::default(), &verdict()),
            concat!(
                r#"{"id":"a,\"1\"","probability":0.9731,"action":"block","logit":3.588,"language":"en","#,
                r#""signals":[{"id":"free_travel","strength":1.0,"contribution":0.61,"#,
                r#""spans":[{"field":"description","start":120,"end":131,"text":"free flight"}]},"#,
                r#"{"id":"high_pay","strength":1.0,"contribution":0.61,"spans":[]}],"model":"default-1"}"#,
                "\n"
            )
        );
    }

    #[test]
    fn asked_keys_are_always_there_and_in_the_order_asked() {
        let writer = JsonlWriter::with_columns(vec![Column::Action, Column::Id, Column::Truncated, Column::Extra]);
        assert_eq!(
            jsonl(&writer, &verdict()),
            "{\"action\":\"block\",\"id\":\"a,\\\"1\\\"\",\"truncated\":false,\"extra\":{}}\n"
        );
        let all = JsonlWriter::with_columns(Column::ALL.to_vec());
        let keys: Vec<String> = serde_json::from_str::<serde_json::Map<_, _>>(&jsonl(&all, &verdict()))
            .unwrap()
            .into_iter()
            .map(|(key, _)| key)
            .collect();
        assert_eq!(keys, Column::ALL.map(Column::name));
    }

    #[test]
    fn a_table_has_a_header_and_quotes_what_needs_it() {
        let writer = CsvWriter::default();
        let mut out = Vec::new();
        writer.header(&mut out);
        writer.write(&verdict(), &mut out);
        writer.write(&Verdict { id: "b\nc".into(), probability: None, logit: None, ..verdict() }, &mut out);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "id,probability,action,logit,language,signals,model\n\
             \"a,\"\"1\"\"\",0.9731,block,3.588,en,free_travel high_pay,default-1\n\
             \"b\nc\",,block,,en,free_travel high_pay,default-1\n"
        );
    }

    #[test]
    fn numbers_read_back_as_they_were() {
        let mut out = Vec::new();
        let writer = CsvWriter::with_columns(vec![Column::Logit]).unwrap();
        writer.write(&Verdict { logit: Some(0.1 + 0.2), ..verdict() }, &mut out);
        assert_eq!(out, b"0.30000000000000004\n");
    }

    #[test]
    fn names_of_columns() {
        for column in Column::ALL {
            assert_eq!(column.name().parse(), Ok(column));
        }
        assert!("score".parse::<Column>().unwrap_err().to_string().contains("\"score\" is no key"));
        assert!(CsvWriter::with_columns(vec![Column::Id, Column::Terms]).is_none());
    }
}
