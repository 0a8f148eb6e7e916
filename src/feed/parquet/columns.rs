/*!
Which columns of a file are read, and how nested ones become JSON.

A group is an object of its columns. A list of plain values is an array. Lists of groups, maps, and kinds of values that
have no text are not read, and the feed says so.
*/

use parquet::basic::{ConvertedType, LogicalType, Repetition};
use parquet::schema::types::{SchemaDescriptor, Type};

use super::values::Kind;
use crate::feed::alias::Target;
use crate::feed::csv;

/// A column at the top of the schema.
#[derive(Debug)]
pub(super) struct Root {
    pub(super) name: String,
    pub(super) target: Option<Target>,
    pub(super) leaves: Vec<Leaf>,
}

/// A column that holds values.
#[derive(Debug)]
pub(super) struct Leaf {
    /// Its number in the file.
    pub(super) column: usize,
    /// The names under which it lies in its root; none when it is the root.
    pub(super) path: Vec<String>,
    pub(super) kind: Kind,
}

/// The columns of a file.
#[derive(Debug)]
pub(super) struct Columns {
    pub(super) roots: Vec<Root>,
    /// What is not read, and why.
    pub(super) skipped: Vec<String>,
}

impl Columns {
    /// The columns that are read: all that can be, or those whose names are known.
    pub(super) fn of(schema: &SchemaDescriptor, known_only: bool) -> Columns {
        let fields = schema.root_schema().get_fields();
        let named = csv::columns(fields.iter().map(|field| field.name().trim().to_owned()).collect());
        let mut columns = Columns { roots: Vec::new(), skipped: Vec::new() };
        let mut next = 0;
        for (field, csv::Column { name, target }) in fields.iter().zip(named) {
            let mut walk = Walk { schema, next, leaves: Vec::new(), skipped: Vec::new() };
            walk.field(field, &mut Vec::new());
            next = walk.next;
            if known_only && target.is_none() {
                continue;
            }
            columns.skipped.extend(walk.skipped);
            if !walk.leaves.is_empty() {
                columns.roots.push(Root { name, target, leaves: walk.leaves });
            }
        }
        columns
    }

    /// Whether any of them can hold the text of a posting.
    pub(super) fn has_text(&self) -> bool {
        self.roots.iter().any(|root| csv::is_text(root.target))
    }
}

struct Walk<'a> {
    schema: &'a SchemaDescriptor,
    next: usize,
    leaves: Vec<Leaf>,
    skipped: Vec<String>,
}

impl Walk<'_> {
    /// Takes a node that lies under these names in its root. The depth was bounded before.
    fn field(&mut self, node: &Type, path: &mut Vec<String>) {
        let info = node.get_basic_info();
        let repeated = info.has_repetition() && info.repetition() == Repetition::REPEATED;
        if node.is_primitive() {
            return self.leaf(path, repeated);
        }
        let is_list =
            info.converted_type() == ConvertedType::LIST || info.logical_type_ref() == Some(&LogicalType::List);
        if is_list && !repeated && elements_are_plain(node) {
            return self.leaf(path, true);
        }
        if repeated || is_list {
            return self.skip(node);
        }
        for field in node.get_fields() {
            path.push(field.name().to_owned());
            self.field(field, path);
            path.pop();
        }
    }

    fn leaf(&mut self, path: &[String], is_list: bool) {
        let column = self.next;
        self.next += 1;
        let descriptor = self.schema.column(column);
        let name = || descriptor.path().string();
        if descriptor.max_rep_level() != i16::from(is_list) {
            return self.skipped.push(format!("{} (lists in lists)", name()));
        }
        match Kind::of(&descriptor) {
            Ok(kind) => self.leaves.push(Leaf { column, path: path.to_vec(), kind }),
            Err(what) => self.skipped.push(format!("{} ({what})", name())),
        }
    }

    fn skip(&mut self, node: &Type) {
        self.next += columns_in(node);
        self.skipped.push(format!("{} (a map, or a list of groups)", node.name()));
    }
}

/// Whether a list holds plain values: `optional group skills (LIST) { repeated group list { optional binary element } }`,
/// or what was written before that was agreed on.
fn elements_are_plain(list: &Type) -> bool {
    let [repeated] = list.get_fields() else { return false };
    match repeated.is_primitive() {
        true => true,
        false => matches!(repeated.get_fields(), [element] if element.is_primitive()),
    }
}

/// Columns that a node holds.
fn columns_in(node: &Type) -> usize {
    match node.is_primitive() {
        true => 1,
        false => node.get_fields().iter().map(|field| columns_in(field)).sum(),
    }
}
