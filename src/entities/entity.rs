/*!
What was found, and the class that stands for it in the token stream.
*/

use super::{Class, Contact, Link, LinkKind, Money, PlaceId, PlaceKind};

/// Something that a text names.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Entity {
    /// First byte in the folded text.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// What it is.
    pub kind: EntityKind,
}

/// What an [`Entity`] is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum EntityKind {
    /// An amount of money, or a range.
    Money(Money),
    /// A way to reach someone.
    Contact(Contact),
    /// A link.
    Link(Link),
    /// A place of the gazetteer.
    Place(PlaceId),
    /// Any other number.
    Number(NumberShape),
}

/// The shape of a number: its digits as 0, its marks kept, at most eight characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NumberShape {
    bytes: [u8; 8],
    length: u8,
}

impl NumberShape {
    /// The shape of a written number.
    pub(crate) fn of(number: &str) -> NumberShape {
        let mut shape = NumberShape { bytes: [0; 8], length: 0 };
        for (place, byte) in shape.bytes.iter_mut().zip(number.bytes()) {
            *place = if byte.is_ascii_digit() { b'0' } else { byte };
            shape.length += 1;
        }
        shape
    }

    /// The shape.
    pub fn as_str(&self) -> &str {
        self.bytes.get(..usize::from(self.length)).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
    }
}

impl Entity {
    /// The name of the class token that stands in the token stream instead of the words.
    pub fn class(&self) -> Class {
        match &self.kind {
            EntityKind::Money(money) => Class::money(money.high),
            EntityKind::Contact(contact) => Class::new(contact.kind.class()),
            EntityKind::Link(link) => match link.kind {
                LinkKind::Url | LinkKind::Form => Class::new("<url>"),
                LinkKind::Shortener => Class::new("<shortener>"),
            },
            EntityKind::Place(place) => match place.kind {
                PlaceKind::Country => Class::new("<country>"),
                PlaceKind::Hotspot => Class::new("<hotspot>"),
                PlaceKind::Capital | PlaceKind::City | PlaceKind::Region => Class::new("<place>"),
            },
            EntityKind::Number(shape) => Class::number(shape.as_str()),
        }
    }
}
