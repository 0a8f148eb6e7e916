/*!
The values of one column, row by row, as JSON has them.

What a column is annotated with decides what its numbers are: dates and times become ISO 8601, decimals and UUIDs their
usual text. Bytes without annotation are text where they are valid UTF-8.
*/

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::civil::Date;
use jiff::{SignedDuration, Span, Timestamp};
use parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArray, DataType, FixedLenByteArray, Int96};
use parquet::schema::types::ColumnDescriptor;
use serde_json::{Number, Value};

use super::pages::Gate;
use super::thrift::Wrong;

/// Rows that are decoded at a time.
const ROWS: usize = 1024;

/// Rows of lists that are decoded at a time; each may hold many values.
const ROWS_OF_LISTS: usize = 16;

/// The value of a column in a row.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell {
    Null,
    Value(Value),
    /// Bytes that should be text; true when it is said that they are.
    Text(ByteArray, bool),
    /// A list that is longer than a record may be: so many bytes, none of them kept. A few bytes of a file may repeat a long
    /// text a million times.
    TooLong(u64),
}

impl Cell {
    /// What it adds to the length of its record.
    pub(super) fn length(&self) -> u64 {
        match self {
            Cell::Null => 0,
            Cell::TooLong(length) => *length,
            Cell::Text(bytes, _) => bytes.len() as u64,
            Cell::Value(Value::String(text)) => text.len() as u64,
            Cell::Value(Value::Array(items)) => {
                items.iter().map(|item| 8 + item.as_str().map_or(0, str::len) as u64).sum()
            }
            Cell::Value(_) => 8,
        }
    }

    /// The value. Bytes that are no text are an error if they have to be (`text`), and else become base64.
    pub(super) fn value(&self, text: bool) -> Result<Value, std::str::Utf8Error> {
        Ok(match self {
            Cell::Null | Cell::TooLong(_) => Value::Null,
            Cell::Value(value) => value.clone(),
            Cell::Text(bytes, said) => match std::str::from_utf8(bytes.data()) {
                Ok(text) => Value::String(text.to_owned()),
                Err(error) if text || *said => return Err(error),
                Err(_) => Value::String(STANDARD.encode(bytes.data())),
            },
        })
    }
}

/// What the values of a column are, beyond their bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Plain,
    Unsigned,
    Date,
    /// Of so many a second.
    Timestamp(i64),
    Time(i64),
    Decimal(u32),
    Text,
    Bytes,
    Uuid,
}

impl Kind {
    /// What a column holds; the name of the annotation if it is one that is not read.
    pub(super) fn of(column: &ColumnDescriptor) -> Result<Kind, String> {
        let unit = |unit: &TimeUnit| match unit {
            TimeUnit::MILLIS => 1_000,
            TimeUnit::MICROS => 1_000_000,
            TimeUnit::NANOS => 1_000_000_000,
        };
        let is_bytes = matches!(column.physical_type(), Type::BYTE_ARRAY | Type::FIXED_LEN_BYTE_ARRAY);
        let decimal = || {
            let scale = u32::try_from(column.type_scale()).ok().filter(|scale| *scale <= 38);
            scale.map(Kind::Decimal).ok_or_else(|| format!("a decimal of scale {}", column.type_scale()))
        };
        let by_kind = || match column.converted_type() {
            ConvertedType::DATE => Ok(Kind::Date),
            ConvertedType::TIMESTAMP_MILLIS => Ok(Kind::Timestamp(1_000)),
            ConvertedType::TIMESTAMP_MICROS => Ok(Kind::Timestamp(1_000_000)),
            ConvertedType::TIME_MILLIS => Ok(Kind::Time(1_000)),
            ConvertedType::TIME_MICROS => Ok(Kind::Time(1_000_000)),
            ConvertedType::UINT_8 | ConvertedType::UINT_16 | ConvertedType::UINT_32 | ConvertedType::UINT_64 => {
                Ok(Kind::Unsigned)
            }
            ConvertedType::DECIMAL => decimal(),
            ConvertedType::UTF8 | ConvertedType::ENUM | ConvertedType::JSON => Ok(Kind::Text),
            other @ (ConvertedType::BSON | ConvertedType::INTERVAL) => Err(other.to_string()),
            _ if is_bytes => Ok(Kind::Bytes),
            _ => Ok(Kind::Plain),
        };
        match column.logical_type_ref() {
            Some(LogicalType::Timestamp(time)) => Ok(Kind::Timestamp(unit(&time.unit))),
            Some(LogicalType::Time(time)) => Ok(Kind::Time(unit(&time.unit))),
            Some(LogicalType::Uuid) => Ok(Kind::Uuid),
            Some(LogicalType::Integer(integer)) if !integer.is_signed => Ok(Kind::Unsigned),
            Some(LogicalType::Float16) => Err("FLOAT16".to_owned()),
            Some(LogicalType::Variant(_)) => Err("VARIANT".to_owned()),
            _ => by_kind(),
        }
    }
}

/// A value of one of the physical types.
trait Plain: Clone {
    fn cell(self, kind: Kind) -> Cell;
}

impl Plain for bool {
    fn cell(self, _: Kind) -> Cell {
        Cell::Value(self.into())
    }
}

impl Plain for i32 {
    fn cell(self, kind: Kind) -> Cell {
        match kind {
            Kind::Unsigned => Cell::Value(self.cast_unsigned().into()),
            kind => i64::from(self).cell(kind),
        }
    }
}

impl Plain for i64 {
    fn cell(self, kind: Kind) -> Cell {
        let text = match kind {
            Kind::Unsigned => return Cell::Value(self.cast_unsigned().into()),
            Kind::Date => date(self),
            Kind::Timestamp(unit) => instant(i128::from(self), unit),
            Kind::Time(unit) => time(self, unit),
            Kind::Decimal(scale) => Some(decimal(i128::from(self), scale)),
            _ => None,
        };
        // A date beyond any calendar stays the number that it is.
        Cell::Value(text.map_or_else(|| self.into(), Value::String))
    }
}

impl Plain for Int96 {
    /// The timestamps of old writers: nanoseconds of a day, and the Julian day.
    fn cell(self, _: Kind) -> Cell {
        const DAY_OF_1970: i64 = 2_440_588;
        let nanoseconds = match self.data() {
            [low, high, day] => {
                let in_day = i128::from(*low) | i128::from(*high) << 32;
                i128::from(i64::from(*day) - DAY_OF_1970) * 86_400_000_000_000 + in_day
            }
            _ => return Cell::Null,
        };
        instant(nanoseconds, 1_000_000_000).map_or(Cell::Null, |text| Cell::Value(Value::String(text)))
    }
}

impl Plain for f32 {
    fn cell(self, kind: Kind) -> Cell {
        // As it is written, and not as the nearest of twice the length: 0.1 and not 0.10000000149011612.
        self.to_string().parse::<f64>().map_or(Cell::Null, |value| value.cell(kind))
    }
}

impl Plain for f64 {
    fn cell(self, _: Kind) -> Cell {
        Number::from_f64(self).map_or(Cell::Null, |number| Cell::Value(Value::Number(number)))
    }
}

impl Plain for ByteArray {
    fn cell(self, kind: Kind) -> Cell {
        match kind {
            Kind::Uuid => match uuid::Uuid::from_slice(self.data()) {
                Ok(uuid) => Cell::Value(uuid.to_string().into()),
                Err(_) => Cell::Text(self, false),
            },
            Kind::Decimal(scale) => match big_endian(self.data()) {
                Some(value) => Cell::Value(decimal(value, scale).into()),
                None => Cell::Text(self, false),
            },
            kind => Cell::Text(self, kind == Kind::Text),
        }
    }
}

impl Plain for FixedLenByteArray {
    fn cell(self, kind: Kind) -> Cell {
        ByteArray::from(self).cell(kind)
    }
}

fn date(days: i64) -> Option<String> {
    let days = Span::new().try_days(days).ok()?;
    Date::constant(1970, 1, 1).checked_add(days).ok().map(|date| date.to_string())
}

fn instant(count: i128, unit: i64) -> Option<String> {
    let nanoseconds = count.checked_mul(i128::from(1_000_000_000 / unit))?;
    Timestamp::from_nanosecond(nanoseconds).ok().map(|timestamp| timestamp.to_string())
}

fn time(count: i64, unit: i64) -> Option<String> {
    let nanoseconds = count.checked_mul(1_000_000_000 / unit).filter(|n| (0..86_400_000_000_000).contains(n))?;
    let midnight = jiff::civil::Time::midnight();
    midnight.checked_add(SignedDuration::from_nanos(nanoseconds)).ok().map(|time| time.to_string())
}

/// The number with a point before its last digits.
fn decimal(value: i128, scale: u32) -> String {
    let digits = format!("{:0>width$}", value.unsigned_abs(), width = scale as usize + 1);
    let (whole, rest) = digits.split_at(digits.len() - scale as usize);
    let sign = if value < 0 { "-" } else { "" };
    if rest.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{rest}") }
}

/// A signed number of at most 16 bytes, the first of which weighs most.
fn big_endian(bytes: &[u8]) -> Option<i128> {
    let first = *bytes.first()?;
    let fill = if first & 0x80 == 0 { 0 } else { 0xff };
    let mut all = [fill; 16];
    let start = 16_usize.checked_sub(bytes.len())?;
    all[start..].copy_from_slice(bytes);
    Some(i128::from_be_bytes(all))
}

/// The values of a column in the order of the rows.
pub(super) trait Values: Send {
    /// The value of the next row; none when the column has ended.
    fn next(&mut self) -> Result<Option<Cell>, Wrong>;
}

/// The values of a column, whatever its physical type.
pub(super) fn values(
    reader: ColumnReader,
    column: &ColumnDescriptor,
    kind: Kind,
    gate: Arc<Gate>,
    longest: u64,
) -> Box<dyn Values> {
    let levels = (column.max_def_level(), (column.max_rep_level() > 0).then_some(longest));
    match reader {
        ColumnReader::BoolColumnReader(reader) => Typed::boxed(reader, levels, kind, gate),
        ColumnReader::Int32ColumnReader(reader) => Typed::boxed(reader, levels, kind, gate),
        ColumnReader::Int64ColumnReader(reader) => Typed::boxed(reader, levels, kind, gate),
        ColumnReader::Int96ColumnReader(reader) => Typed::boxed(reader, levels, kind, gate),
        ColumnReader::FloatColumnReader(reader) => Typed::boxed(reader, levels, kind, gate),
        ColumnReader::DoubleColumnReader(reader) => Typed::boxed(reader, levels, kind, gate),
        ColumnReader::ByteArrayColumnReader(reader) => Typed::boxed(reader, levels, kind, gate),
        ColumnReader::FixedLenByteArrayColumnReader(reader) => Typed::boxed(reader, levels, kind, gate),
    }
}

struct Typed<T: DataType> {
    reader: ColumnReaderImpl<T>,
    /// The level of a value that is there.
    present: i16,
    /// Of a column of lists: the bytes that one may have.
    longest: Option<u64>,
    kind: Kind,
    gate: Arc<Gate>,
    definition: Vec<i16>,
    repetition: Vec<i16>,
    values: std::vec::IntoIter<T::T>,
    /// Of the levels that were read, those that are done, and how many they are.
    level: usize,
    levels: usize,
}

impl<T: DataType> Typed<T>
where
    T::T: Plain,
{
    fn boxed(
        reader: ColumnReaderImpl<T>,
        (present, longest): (i16, Option<u64>),
        kind: Kind,
        gate: Arc<Gate>,
    ) -> Box<dyn Values> {
        let (definition, repetition, values) = (Vec::new(), Vec::new(), Vec::new().into_iter());
        Box::new(Typed { reader, present, longest, kind, gate, definition, repetition, values, level: 0, levels: 0 })
    }

    /// Decodes the next rows; false when there are no more.
    fn fill(&mut self) -> Result<bool, Wrong> {
        let rows = if self.longest.is_some() { ROWS_OF_LISTS } else { ROWS };
        if self.longest.is_some() {
            self.gate.open();
        }
        // What is left of the page first; then the next page, of which some are empty.
        while !self.read(rows)? {
            if self.gate.has_ended() {
                return Ok(false);
            }
            self.gate.open();
        }
        Ok(true)
    }

    fn read(&mut self, rows: usize) -> Result<bool, Wrong> {
        self.definition.clear();
        self.repetition.clear();
        let mut values = Vec::new();
        let (definition, repetition) = (Some(&mut self.definition), Some(&mut self.repetition));
        let read = self.reader.read_records(rows, definition, repetition, &mut values);
        let (rows, _, levels) = read.map_err(|e| e.to_string())?;
        (self.level, self.levels, self.values) = (0, levels, values.into_iter());
        Ok(rows > 0)
    }

    fn at(&mut self) -> Result<Cell, Wrong> {
        let level = self.definition.get(self.level).copied();
        self.level += 1;
        if level.is_some_and(|level| level < self.present) {
            return Ok(Cell::Null);
        }
        self.values.next().map(|value| value.cell(self.kind)).ok_or_else(|| "it has less values than levels".to_owned())
    }
}

impl<T: DataType> Values for Typed<T>
where
    T::T: Plain,
    ColumnReaderImpl<T>: Send,
{
    fn next(&mut self) -> Result<Option<Cell>, Wrong> {
        if self.level == self.levels && !self.fill()? {
            return Ok(None);
        }
        let Some(longest) = self.longest else {
            return self.at().map(Some);
        };
        let (mut items, mut length) = (Vec::new(), 0_u64);
        loop {
            let cell = self.at()?;
            length += cell.length();
            if length > longest {
                items = Vec::new();
            } else if cell != Cell::Null {
                items.push(cell.value(false).map_err(|e| format!("a text in a list is not valid UTF-8: {e}"))?);
            }
            if self.level == self.levels || self.repetition.get(self.level).is_none_or(|level| *level == 0) {
                break;
            }
        }
        Ok(Some(match items.is_empty() {
            _ if length > longest => Cell::TooLong(length),
            true => Cell::Null,
            false => Cell::Value(Value::Array(items)),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_what_they_are_annotated_with() {
        let text = |cell: Cell| match cell {
            Cell::Value(Value::String(text)) => text,
            cell => format!("{cell:?}"),
        };
        assert_eq!(text(20_731_i32.cell(Kind::Date)), "2026-10-05");
        assert_eq!(text(1_791_187_200_000_i64.cell(Kind::Timestamp(1_000))), "2026-10-05T08:00:00Z");
        assert_eq!(text(28_800_000_000_i64.cell(Kind::Time(1_000_000))), "08:00:00");
        assert_eq!(text((-5_i32).cell(Kind::Decimal(2))), "-0.05");
        assert_eq!(text(1390_i64.cell(Kind::Decimal(2))), "13.90");
        assert_eq!(text(ByteArray::from(vec![0xff, 0x38]).cell(Kind::Decimal(0))), "-200");
        assert_eq!(text(ByteArray::from(vec![0; 16]).cell(Kind::Uuid)), "00000000-0000-0000-0000-000000000000");
        assert_eq!((-1_i32).cell(Kind::Unsigned), Cell::Value(u32::MAX.into()));
        assert_eq!(i64::MAX.cell(Kind::Timestamp(1)), Cell::Value(i64::MAX.into()), "beyond the calendar");
        assert_eq!(i64::MIN.cell(Kind::Date), Cell::Value(i64::MIN.into()));
        assert_eq!(0.1_f32.cell(Kind::Plain), Cell::Value(0.1.into()));
        assert_eq!(f64::NAN.cell(Kind::Plain), Cell::Null);
        let mut day = Int96::new();
        day.set_data(0, 0, 2_440_589);
        assert_eq!(text(day.cell(Kind::Plain)), "1970-01-02T00:00:00Z");
    }

    #[test]
    fn bytes_are_text_or_base64() {
        let bytes = Cell::Text(ByteArray::from(vec![0xff]), false);
        assert_eq!(bytes.value(false).unwrap(), "/w==");
        assert!(bytes.value(true).is_err());
        assert!(Cell::Text(ByteArray::from(vec![0xff]), true).value(false).is_err());
    }
}
