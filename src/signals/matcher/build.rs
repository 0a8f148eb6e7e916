//! From patterns to the automaton.

use rustc_hash::FxHashMap;
use xxhash_rust::xxh3::xxh3_64;

use super::{Automaton, Class, Node, Symbol};
use crate::signals::pattern::{Element, Pattern};

/// Collects phrases.
#[derive(Debug)]
pub(crate) struct Builder {
    automaton: Automaton,
    nodes: Vec<NodeData>,
    edges: FxHashMap<(Node, Symbol), Vec<Node>>,
    /// The next free symbol; the first ones are the classes.
    symbols: Symbol,
}

impl Default for Builder {
    fn default() -> Builder {
        Builder {
            automaton: Automaton::default(),
            nodes: vec![NodeData::default()],
            edges: FxHashMap::default(),
            symbols: Class::ALL.len() as Symbol,
        }
    }
}

const ROOT: Node = 0;

impl Builder {
    /// Adds a phrase under a number, or says why it cannot be one.
    pub(crate) fn add(&mut self, pattern: &Pattern, phrase: u32) -> Result<(), String> {
        let ends = self.grow(pattern, vec![ROOT])?;
        if ends.contains(&ROOT) {
            return Err("it can match nothing at all".into());
        }
        if ends.iter().any(|&n| self.nodes[n as usize].is_gap) {
            return Err(GAP_PLACE.into());
        }
        for node in ends {
            let accepts = &mut self.nodes[node as usize].accepts;
            if !accepts.contains(&phrase) {
                accepts.push(phrase);
            }
        }
        Ok(())
    }

    /// Leads from each of the nodes `from` through the pattern, and returns the nodes where it ends.
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
        let symbol = self.symbol(element);
        for &node in from {
            self.edges.entry((node, symbol)).or_default().push(to);
        }
    }

    fn symbol(&mut self, element: &Element) -> Symbol {
        let a = &mut self.automaton;
        let (texts, text) = match element {
            Element::Class(class) => return *class as Symbol,
            Element::Exact(text) => (&mut a.exact, text),
            Element::Prefix(text) => {
                if !a.prefix_lengths.contains(&text.len()) {
                    a.prefix_lengths.push(text.len());
                    a.prefix_lengths.sort_unstable();
                }
                (&mut a.prefixes, text)
            }
            Element::Gap(_) => unreachable!("gaps are no symbols"),
        };
        let symbols = &mut self.symbols;
        *texts.entry(xxh3_64(text.as_bytes())).or_insert_with(|| {
            *symbols += 1;
            *symbols - 1
        })
    }

    pub(crate) fn build(mut self) -> Automaton {
        let mut edges: Vec<_> = self.edges.into_iter().collect();
        edges.sort_unstable_by_key(|e| e.0);
        let a = &mut self.automaton;
        let mut next = edges.into_iter().peekable();
        for (n, node) in self.nodes.iter().enumerate() {
            a.edge_start.push(a.edge_symbol.len() as u32);
            while let Some(((_, symbol), targets)) = next.next_if(|e| e.0.0 as usize == n) {
                a.edge_symbol.push(symbol);
                a.target_start.push(a.targets.len() as u32);
                a.targets.extend(targets);
            }
            a.accept_start.push(a.accepts.len() as u32);
            a.accepts.extend(&node.accepts);
            a.gap_start.push(a.gap_wide.len() as u32);
            a.gap_wide.extend(node.gaps.iter().map(|g| g.0 as u32));
            a.gap_beyond.extend(node.gaps.iter().map(|g| g.1));
        }
        a.edge_start.push(a.edge_symbol.len() as u32);
        a.target_start.push(a.targets.len() as u32);
        a.accept_start.push(a.accepts.len() as u32);
        a.gap_start.push(a.gap_wide.len() as u32);
        self.automaton
    }
}

pub(super) const GAP_PLACE: &str = "a gap may not stand at the start or the end";

#[derive(Clone, Debug, Default)]
struct NodeData {
    accepts: Vec<u32>,
    gaps: Vec<(u8, Node)>,
    /// Reached by a gap: positions here have a width left.
    is_gap: bool,
}
