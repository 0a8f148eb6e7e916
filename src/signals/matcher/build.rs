//! From patterns to an automaton that may be in many nodes at once; `determine` makes the one that runs.

use rustc_hash::FxHashMap;
use xxhash_rust::xxh3::xxh3_64;

use super::determine::determine;
use super::index::longer;
use super::{Automaton, Class};
use crate::signals::pattern::{Element, Pattern};

pub(super) type Node = u32;

/// Collects phrases.
#[derive(Debug)]
pub(crate) struct Builder {
    nodes: Vec<NodeData>,
    /// Numbers of the elements that some phrase asks for.
    elements: FxHashMap<Asked, u32>,
}

/// What a phrase may ask of a unit, texts by their hashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Asked {
    /// An entity of this class.
    Class(Class),
    /// This word.
    Exact(u64),
    /// A word that begins so: the hash of the beginning, its first two bytes, its length.
    Prefix(u64, [u8; 2], u8),
}

#[derive(Clone, Debug, Default)]
pub(super) struct NodeData {
    /// Where it leads by each element.
    pub(super) edges: Vec<(u32, Node)>,
    /// What the phrases that end here mean.
    pub(super) accepts: Vec<u32>,
    /// The widths of the gaps that begin here, and the nodes beyond them.
    pub(super) gaps: Vec<(u8, Node)>,
    /// Reached by a gap: positions here have a width left.
    is_gap: bool,
}

impl Default for Builder {
    fn default() -> Builder {
        Builder { nodes: vec![NodeData::default()], elements: FxHashMap::default() }
    }
}

const ROOT: Node = 0;

impl Builder {
    /// Adds a phrase that means `meaning`, or says why it cannot be one.
    pub(crate) fn add(&mut self, pattern: &Pattern, meaning: u32) -> Result<(), String> {
        let ends = self.grow(pattern, vec![ROOT])?;
        if ends.contains(&ROOT) {
            return Err("it can match nothing at all".into());
        }
        if ends.iter().any(|&n| self.nodes[n as usize].is_gap) {
            return Err(GAP_PLACE.into());
        }
        for node in ends {
            self.nodes[node as usize].accepts.push(meaning);
        }
        Ok(())
    }

    /// Leads from each of the nodes `from` through the pattern, and returns the nodes where it ends.
    ///
    /// Edges and gaps lead to younger nodes only, which [`determine`] relies on.
    fn grow(&mut self, pattern: &Pattern, from: Vec<Node>) -> Result<Vec<Node>, String> {
        match pattern {
            Pattern::Sequence(parts) => parts.iter().try_fold(from, |at, part| self.grow(part, at)),
            Pattern::Optional(part) => {
                let mut ends = self.grow(part, from.clone())?;
                ends.extend(from);
                Ok(ends)
            }
            Pattern::Either(parts) => {
                // Alternatives of one element end in one node, which keeps the automaton small.
                let shared = self.node(false);
                let mut ends = vec![];
                for part in parts {
                    match part {
                        Pattern::Element(element) if !matches!(element, Element::Gap(_)) => {
                            self.edge(&from, element, shared);
                            ends.push(shared);
                        }
                        other => ends.extend(self.grow(other, from.clone())?),
                    }
                }
                ends.sort_unstable();
                ends.dedup();
                Ok(ends)
            }
            Pattern::Element(Element::Gap(wide)) => {
                if from.contains(&ROOT) {
                    return Err(GAP_PLACE.into());
                }
                let beyond = self.node(true);
                for node in from {
                    self.nodes[node as usize].gaps.push((*wide, beyond));
                }
                Ok(vec![beyond])
            }
            Pattern::Element(element) => {
                let to = self.node(false);
                self.edge(&from, element, to);
                Ok(vec![to])
            }
        }
    }

    fn node(&mut self, is_gap: bool) -> Node {
        self.nodes.push(NodeData { is_gap, ..NodeData::default() });
        self.nodes.len() as Node - 1
    }

    fn edge(&mut self, from: &[Node], element: &Element, to: Node) {
        let asked = match element {
            Element::Class(class) => Asked::Class(*class),
            Element::Exact(text) => Asked::Exact(xxh3_64(text.as_bytes())),
            Element::Prefix(text) => {
                let bytes = text.as_bytes();
                let hash = bytes.iter().fold(0, |hash, &byte| longer(hash, byte));
                let start = [bytes[0], bytes.get(1).copied().unwrap_or_default()];
                Asked::Prefix(hash, start, bytes.len().min(usize::from(u8::MAX)) as u8)
            }
            Element::Gap(_) => unreachable!("gaps are no edges"),
        };
        let next = self.elements.len() as u32;
        let number = *self.elements.entry(asked).or_insert(next);
        for &node in from {
            self.nodes[node as usize].edges.push((number, to));
        }
    }

    /// The automaton of all phrases, or why there can be none.
    pub(crate) fn build(self) -> Result<Automaton, String> {
        let mut elements: Vec<(Asked, u32)> = self.elements.into_iter().collect();
        elements.sort_unstable();
        determine(self.nodes, &elements)
    }
}

pub(super) const GAP_PLACE: &str = "a gap may not stand at the start or the end";
