/*!
Which element of a document is a posting.

Every partner names it differently: `job` in `source`, in `jobs` or in both, `ad`, `vacancy`, the `item` of RSS, the
`entry` of Atom, `Stellenangebot`. So the beginning of the document is looked at: a posting is an element that holds a
title or a text under a name that the alias table knows. Of several such elements the one with a usual name is taken,
else the one that is repeated, else the outermost.
*/

use std::collections::HashMap;

use quick_xml::events::BytesStart;

use crate::feed::alias::{self, Target};
use crate::posting::Field;

use super::lexer::{Lexer, Token};

/// Usual names of a posting's element, as [`normal`] writes them.
const RECORDS: [&str; 24] = [
    "job",
    "jobad",
    "jobposting",
    "joboffer",
    "joblisting",
    "jobitem",
    "jobopening",
    "ad",
    "advert",
    "advertisement",
    "vacancy",
    "item",
    "entry",
    "post",
    "posting",
    "offer",
    "opening",
    "opportunity",
    "position",
    "listing",
    "record",
    "row",
    "message",
    "stellenangebot",
];

/// Elements that hold postings, and may have a title of their own.
const WRAPPERS: [&str; 18] = [
    "source",
    "jobs",
    "joblist",
    "jobfeed",
    "joblistings",
    "rss",
    "channel",
    "feed",
    "rdf",
    "ads",
    "vacancies",
    "items",
    "offers",
    "positions",
    "postings",
    "listings",
    "root",
    "urlset",
];

/// Elements of which no more are told apart: a bound on what a hostile beginning costs.
const MOST_NODES: usize = 2_000;
/// How deep the document is looked into.
const DEEPEST: usize = 64;
/// How many names an error lists.
const NAMES_LISTED: usize = 30;

/// What is known of the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Postings are elements of this name, without prefix, as it is written the first time.
    Records { name: String, nests: bool },
    /// There is no posting in the whole of the document.
    Empty,
    /// No element looks like a posting; the names there are.
    Unknown(Vec<String>),
}

/// Whether this is the name of an element that holds postings, or is one.
pub(in crate::feed) fn is_known(name: &[u8]) -> bool {
    let name = normal(name);
    WRAPPERS.contains(&name.as_str()) || RECORDS.contains(&name.as_str())
}

/// The name of the first element of a text; none when there is none.
pub(in crate::feed) fn root(head: &[u8]) -> Option<Vec<u8>> {
    let mut lexer = Lexer::new();
    let mut at = 0;
    while at < head.len() {
        let (taken, token) = lexer.next(&head[at..]);
        at += taken;
        if matches!(token, Some(Token::Start | Token::Empty)) {
            return Some(lexer.name().to_vec());
        }
    }
    None
}

/// An element at a place in the document, all of its occurrences together.
struct Node {
    name: String,
    depth: usize,
    times: u32,
    /// It was seen inside its like, and both were closed.
    nests: bool,
    /// It holds a title or a text.
    text: bool,
    /// Fields and ids that its children and attributes can fill.
    known: Vec<Target>,
}

struct Tree {
    nodes: Vec<Node>,
    index: HashMap<(usize, Vec<u8>), usize>,
}

impl Tree {
    fn enter(&mut self, parent: usize, name: &[u8]) -> Option<usize> {
        let key = (parent, name.to_ascii_lowercase());
        if let Some(&at) = self.index.get(&key) {
            self.nodes[at].times += 1;
            return Some(at);
        }
        let depth = self.nodes[parent].depth + 1;
        if self.nodes.len() >= MOST_NODES || depth > DEEPEST {
            return None;
        }
        self.index.insert(key, self.nodes.len());
        let name = String::from_utf8_lossy(name).into_owned();
        self.nodes.push(Node { name, depth, times: 1, nests: false, text: false, known: Vec::new() });
        Some(self.nodes.len() - 1)
    }

    fn see(&mut self, node: usize, name: &str) {
        let Some(target) = alias::resolve(name) else { return };
        let node = &mut self.nodes[node];
        node.text |= is_prose(target);
        if !node.known.contains(&target) {
            node.known.push(target);
        }
    }
}

/// Whether a name stands for what only a posting has: a title or a text.
pub(super) fn is_prose(target: Target) -> bool {
    use Field::{Benefits, CompanyProfile, Description, Requirements, Title};
    target.field().is_some_and(|f| matches!(f, Title | Description | Requirements | Benefits | CompanyProfile))
}

/// Finds the posting in the beginning of a document, or in all of it if `whole`.
pub(super) fn find(head: &[u8], whole: bool) -> Shape {
    let tree = read(head);
    let usual = |node: &Node| RECORDS.contains(&normal(node.name.as_bytes()).as_str());
    let wrapper = |node: &Node| WRAPPERS.contains(&normal(node.name.as_bytes()).as_str());
    let candidates = tree.nodes.iter().skip(1).filter(|n| n.text && (usual(n) || n.known.len() >= 2 && !wrapper(n)));
    let best = candidates.min_by_key(|node| (!usual(node), node.times < 2, node.depth));
    match best {
        Some(best) => {
            let nests = tree.nodes.iter().any(|n| n.nests && n.name.eq_ignore_ascii_case(&best.name));
            Shape::Records { name: best.name.clone(), nests }
        }
        // `<source><publisher>...</publisher></source>` is a feed on a day without postings.
        None if whole && tree.nodes.get(1).is_none_or(wrapper) && !tree.nodes.iter().any(usual) => Shape::Empty,
        None => {
            let mut names: Vec<String> = Vec::new();
            for node in tree.nodes.into_iter().skip(1) {
                if names.len() < NAMES_LISTED && !names.contains(&node.name) {
                    names.push(node.name);
                }
            }
            Shape::Unknown(names)
        }
    }
}

/// An element whose end is still to come.
struct Open {
    name: Vec<u8>,
    /// None when it is not kept.
    node: Option<usize>,
    /// An element of its own name is in it.
    holds_like: bool,
}

fn read(head: &[u8]) -> Tree {
    let root = Node { name: String::new(), depth: 0, times: 1, nests: false, text: false, known: Vec::new() };
    let mut tree = Tree { nodes: vec![root], index: HashMap::new() };
    let mut open = vec![Open { name: Vec::new(), node: Some(0), holds_like: false }];
    let mut lexer = Lexer::new();
    let mut at = 0;
    while at < head.len() {
        let (taken, token) = lexer.next(&head[at..]);
        at += taken;
        match token {
            Some(Token::Start | Token::Empty) => {
                let name = lexer.name().to_ascii_lowercase();
                let parent = open.last().and_then(|open| open.node);
                let node = parent.and_then(|parent| tree.enter(parent, lexer.name()));
                if let Some(parent) = parent.filter(|parent| *parent != 0) {
                    tree.see(parent, &String::from_utf8_lossy(&name));
                }
                if let Some(node) = node {
                    let tag = String::from_utf8_lossy(lexer.tag());
                    let tag = tag.trim_start_matches('<').trim_end_matches('>').trim_end_matches('/');
                    let length = tag.find(|c: char| c.is_ascii_whitespace()).unwrap_or(tag.len());
                    for attribute in
                        BytesStart::from_content(tag, length).html_attributes().with_checks(false).flatten()
                    {
                        tree.see(node, attribute.key.local_name().as_ref());
                    }
                }
                if token == Some(Token::Start) && open.len() < MOST_NODES {
                    if let Some(outer) = open.iter_mut().rfind(|open| open.name == name) {
                        outer.holds_like = true;
                    }
                    open.push(Open { name, node, holds_like: false });
                }
            }
            Some(Token::End) => {
                // An end that nothing fits is passed over, as are starts that nothing ends.
                let name = lexer.name().to_ascii_lowercase();
                if let Some(at) = open.iter().rposition(|open| open.name == name).filter(|at| *at > 0) {
                    if let Some(node) = open[at].node.filter(|_| open[at].holds_like) {
                        tree.nodes[node].nests = true;
                    }
                    open.truncate(at);
                }
            }
            Some(Token::Open | Token::Doctype(_)) | None => {}
        }
    }
    tree
}

/// A name without case, `_` and `-`.
fn normal(name: &[u8]) -> String {
    name.iter().filter(|b| !matches!(b, b'_' | b'-')).map(|b| char::from(b.to_ascii_lowercase())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(document: &str, name: &str) {
        let expected = Shape::Records { name: name.to_owned(), nests: false };
        assert_eq!(find(document.as_bytes(), true), expected, "{document}");
    }

    #[test]
    fn postings_are_found_under_any_name() {
        check("<source><publisher>P</publisher><job><title>Cook</title></job></source>", "job");
        check("<source><jobs><Job><TITLE>Cook</TITLE></Job></jobs></source>", "Job");
        check("<listing><entry><title>Cook</title></entry></listing>", "entry");
        check("<vacancies><vacancy><id>1</id><description>Fry</description></vacancy></vacancies>", "vacancy");
        check(
            "<rss><channel><title>T</title><description>D</description><link/><item><title>Cook</title></item></channel></rss>",
            "item",
        );
        check("<a:feed><a:title>T</a:title><a:entry><a:title>Cook</a:title></a:entry></a:feed>", "entry");
        check(
            "<annonces><annonce><id>1</id><title>Cook</title><lieu/></annonce><annonce><title>x</title></annonce></annonces>",
            "annonce",
        );
        check(
            "<x><kanal><title>T</title><url/><y><title>a</title><id/></y><y><title>b</title><id/></y></kanal></x>",
            "y",
        );
        check("<job><title>Cook</title><company><description>d</description><url>u</url></company></job>", "job");
        check("<rows><row title='Cook' company='Acme'/></rows>", "row");
        check("<job><title>a</title><location><city>c</city><title>d</title></location></job>", "job");
        check("<jobs><job><title>never closed<job><title>b</title></job></jobs>", "job");
    }

    #[test]
    fn elements_that_hold_their_like_are_told() {
        let document = "<items><item><title>a</title><item>b</item></item></items>";
        assert_eq!(find(document.as_bytes(), true), Shape::Records { name: "item".to_owned(), nests: true });
    }

    #[test]
    fn no_posting_and_no_idea_are_two_things() {
        assert_eq!(find(b"<source><publisher>P</publisher></source>", true), Shape::Empty);
        assert_eq!(find(b"<?xml version='1.0'?><jobs/>", true), Shape::Empty);
        assert_eq!(find(b"", true), Shape::Empty);
        let unknown = |names: &[&str]| Shape::Unknown(names.iter().map(|n| (*n).to_owned()).collect());
        assert_eq!(find(b"<a><b><c>x</c></b><b/></a>", true), unknown(&["a", "b", "c"]));
        assert_eq!(
            find(b"<jobs><job><bezeichnung>x</bezeichnung></job></jobs>", true),
            unknown(&["jobs", "job", "bezeichnung"])
        );
        assert_eq!(find(b"<source><publisher>P</publisher>", false), unknown(&["source", "publisher"]));
    }

    #[test]
    fn hostile_beginnings_are_bounded() {
        let deep = "<a>".repeat(20_000);
        assert!(matches!(find(deep.as_bytes(), false), Shape::Unknown(_)));
        let wide: String = (0..20_000).map(|i| format!("<a{i}/>")).collect();
        assert_eq!(read(wide.as_bytes()).nodes.len(), MOST_NODES);
    }
}
