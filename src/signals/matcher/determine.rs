/*!
From an automaton of many nodes at once to one of few states.

Phrases have thousands of beginnings in common, so a position in the text would have to follow hundreds of nodes. Here
the nodes that are reached together become one state, once, when a lexicon is compiled; and states from which the same
phrases lead on in the same way become one. Phrases have no loops, so both are done in one sweep each. Gaps stay what
they are, positions with a width left, because counting them by states would multiply these.
*/

use std::collections::BTreeMap;
use std::hash::Hash;

use rustc_hash::FxHashMap;

use super::build::{Asked, Node, NodeData};
use super::index::lengths_at;
use super::stored::{Arrays, MOST};
use super::{Automaton, FIRST_WORD, MAX_WORD};

/// What an edge leads to: meanings that are complete, and states to wait in with gaps of some width.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Outcome<S> {
    accepts: Vec<u32>,
    waits: Vec<(u8, S)>,
}

/// Numbers for values, in the order in which they come.
#[derive(Debug)]
struct Numbers<T> {
    of: FxHashMap<T, u32>,
    all: Vec<T>,
}

impl<T: Clone + Eq + Hash> Numbers<T> {
    fn new() -> Numbers<T> {
        Numbers { of: FxHashMap::default(), all: Vec::new() }
    }

    fn get(&mut self, value: T) -> u32 {
        if let Some(&number) = self.of.get(&value) {
            return number;
        }
        let number = self.all.len() as u32;
        self.all.push(value.clone());
        self.of.insert(value, number);
        number
    }
}

/// A set of nodes that wait for the same unit, in order.
type Set = Vec<Node>;
/// The edges of a state: symbol and outcome, in the order of the symbols.
type Edges = Vec<(u32, u32)>;

/// The sets of nodes that can be reached, and where each leads.
struct Subsets {
    sets: Numbers<Set>,
    outcomes: Numbers<Outcome<u32>>,
    edges: Vec<Edges>,
}

/// Makes the automaton. `elements` are what the nodes' edges ask for, with their numbers, in order.
pub(super) fn determine(mut nodes: Vec<NodeData>, elements: &[(Asked, u32)]) -> Result<Automaton, String> {
    let symbols = symbols(elements);
    for (element, _) in nodes.iter_mut().flat_map(|node| &mut node.edges) {
        *element = symbols[*element as usize];
    }
    let subsets = reachable(&nodes)?;
    let (outcomes, states, root) = minimal(&subsets);
    let mut arrays = Arrays::new();
    for (asked, _) in elements {
        match *asked {
            Asked::Class(_) => {}
            Asked::Exact(hash) => arrays.words.push(hash),
            Asked::Prefix(hash, start, length) => {
                arrays.beginnings.push(hash);
                if usize::from(length) < MAX_WORD {
                    arrays.lengths[lengths_at(start)] |= 1 << length;
                }
            }
        }
    }
    arrays.first = vec![0; FIRST_WORD as usize + arrays.words.len() + arrays.beginnings.len()];
    for &(symbol, outcome) in &states.all[root as usize] {
        arrays.first[symbol as usize] = outcome + 1;
    }
    for (number, edges) in states.all.iter().enumerate() {
        // The first state's edges are looked up by symbol.
        let edges = if number == root as usize { &[] } else { edges.as_slice() };
        arrays.state(edges);
    }
    for outcome in &outcomes.all {
        arrays.outcome(&outcome.accepts, &outcome.waits);
    }
    arrays.finish()
}

/// The symbol of each element: classes first, then words, then beginnings, each in order.
fn symbols(elements: &[(Asked, u32)]) -> Vec<u32> {
    let mut symbols = vec![0; elements.len()];
    let mut next = FIRST_WORD;
    for (asked, number) in elements {
        symbols[*number as usize] = match asked {
            Asked::Class(class) => *class as u32,
            _ => {
                next += 1;
                next - 1
            }
        };
    }
    symbols
}

/// Every set that can be reached from the first node, by its number; the first set is number 0.
fn reachable(nodes: &[NodeData]) -> Result<Subsets, String> {
    let mut found = Subsets { sets: Numbers::new(), outcomes: Numbers::new(), edges: Vec::new() };
    // The nodes that an edge leads to, with the outcome that was made of them.
    let mut known: FxHashMap<Set, u32> = FxHashMap::default();
    found.sets.get(vec![0]);
    while found.edges.len() < found.sets.all.len() {
        let mut targets: BTreeMap<u32, Set> = BTreeMap::new();
        for &node in &found.sets.all[found.edges.len()] {
            for &(symbol, to) in &nodes[node as usize].edges {
                targets.entry(symbol).or_default().push(to);
            }
        }
        let mut edges = Edges::with_capacity(targets.len());
        for (symbol, mut set) in targets {
            set.sort_unstable();
            set.dedup();
            let outcome = match known.get(&set) {
                Some(&outcome) => outcome,
                None => {
                    let outcome = outcome(nodes, &set, &mut found.sets);
                    let outcome = found.outcomes.get(outcome);
                    known.insert(set, outcome);
                    outcome
                }
            };
            edges.push((symbol, outcome));
        }
        found.edges.push(edges);
        if found.sets.all.len() > MOST || found.outcomes.all.len() > MOST {
            return Err(format!(
                "its phrases make more than {MOST} states; use fewer alternatives and options in one phrase"
            ));
        }
    }
    Ok(found)
}

/// What reaching a set of nodes completes, and the sets that then wait.
fn outcome(nodes: &[NodeData], set: &[Node], sets: &mut Numbers<Set>) -> Outcome<u32> {
    let mut accepts = Vec::new();
    let mut waits: BTreeMap<u8, Set> = BTreeMap::new();
    let mut at: Vec<(Node, u8)> = set.iter().map(|&node| (node, 0)).collect();
    while let Some((node, gap)) = at.pop() {
        let data = &nodes[node as usize];
        if gap == 0 {
            accepts.extend(&data.accepts);
        }
        if !data.edges.is_empty() {
            waits.entry(gap).or_default().push(node);
        }
        // A gap may follow a gap where what stood between was left out.
        at.extend(data.gaps.iter().map(|&(wide, beyond)| (beyond, gap.saturating_add(wide))));
    }
    accepts.sort_unstable();
    accepts.dedup();
    let waits = waits.into_iter().map(|(gap, mut set)| {
        set.sort_unstable();
        set.dedup();
        (gap, sets.get(set))
    });
    Outcome { accepts, waits: waits.collect() }
}

/// Makes one state of the sets that lead on alike. Returns outcomes, states and the number of the first state.
fn minimal(subsets: &Subsets) -> (Numbers<Outcome<u32>>, Numbers<Edges>, u32) {
    let mut outcomes = Numbers::new();
    let mut states = Numbers::new();
    let mut state_of = vec![0; subsets.sets.all.len()];
    let mut outcome_of: Vec<Option<u32>> = vec![None; subsets.outcomes.all.len()];
    // Edges and gaps lead to younger nodes, so what a set leads to has a younger oldest node.
    let mut order: Vec<usize> = (0..subsets.sets.all.len()).collect();
    order.sort_unstable_by_key(|&set| (std::cmp::Reverse(subsets.sets.all[set][0]), set));
    for set in order {
        let edges = subsets.edges[set].iter().map(|&(symbol, outcome)| {
            let number = *outcome_of[outcome as usize].get_or_insert_with(|| {
                let Outcome { accepts, waits } = &subsets.outcomes.all[outcome as usize];
                // The widest gap of a state covers the others, but what stands side by side may also do so across the end
                // of a sentence, where no gap reaches.
                let widest: BTreeMap<(u32, bool), u8> =
                    waits.iter().map(|&(gap, set)| ((state_of[set as usize], gap > 0), gap)).collect();
                let waits = widest.into_iter().map(|((state, _), gap)| (gap, state)).collect();
                outcomes.get(Outcome { accepts: accepts.clone(), waits })
            });
            (symbol, number)
        });
        state_of[set] = states.get(edges.collect());
    }
    (outcomes, states, state_of[0])
}
