//! Where in a file the mutants are: the piece of code around each of them that the switch can stand in.

use std::collections::HashMap;
use std::ops::Range;

use proc_macro2::Span;
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};

use crate::mutant::{Mutant, Place};

/// A piece of code with everything that may be there instead.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) range: Range<usize>,
    pub(crate) shape: Shape,
    pub(crate) changes: Vec<Change>,
}

/// A mutant: what of the site's text is replaced.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) number: u32,
    pub(crate) range: Range<usize>,
    pub(crate) replacement: String,
}

/// How the switch is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// The guard of an arm; empty where the arm has none, and is deleted.
    Guard,
    /// A function's block: it returns at once.
    Body,
    /// `&&` and `||`: the first decides or the second does; nothing is written twice.
    Logic(Range<usize>, Range<usize>),
    /// Any other expression, written once more with the change.
    Expression,
}

/// The sites of a file, outer ones before inner ones.
///
/// # Errors
/// The file is no Rust.
pub(crate) fn sites(text: &str, mutants: &[&Mutant]) -> Result<Vec<Site>, syn::Error> {
    let file = syn::parse_file(text)?;
    let mut wanted: HashMap<(&str, Place, Place), Vec<&Mutant>> = HashMap::new();
    for mutant in mutants {
        let key = (mutant.genre.as_str(), mutant.from, mutant.to);
        wanted.entry(key).or_default().push(mutant);
    }
    let mut finder = Finder {
        wanted,
        sites: Vec::new(),
    };
    finder.visit_file(&file);
    let mut sites = finder.sites;
    sites.sort_by_key(|site| {
        let Range { start, end } = site.range;
        (start, usize::MAX - end, site.shape != Shape::Guard)
    });
    Ok(sites)
}

struct Finder<'m> {
    wanted: HashMap<(&'m str, Place, Place), Vec<&'m Mutant>>,
    sites: Vec<Site>,
}

impl Finder<'_> {
    /// The mutants at this very place, if there are any.
    fn changes(&self, genre: &str, from: Span, to: Span, range: &Range<usize>) -> Vec<Change> {
        let place = |at: proc_macro2::LineColumn| (at.line, at.column + 1);
        let (from, to) = (place(from.start()), place(to.end()));
        let found = self.wanted.get(&(genre, from, to)).into_iter().flatten();
        let changes = found.map(|mutant| Change {
            number: mutant.number,
            range: range.clone(),
            replacement: mutant.replacement.clone(),
        });
        changes.collect()
    }

    fn add(&mut self, range: Range<usize>, shape: Shape, changes: Vec<Change>) {
        if !changes.is_empty() {
            self.sites.push(Site {
                range,
                shape,
                changes,
            });
        }
    }

    fn body(&mut self, block: &syn::Block) {
        if let (Some(first), Some(last)) = (block.stmts.first(), block.stmts.last()) {
            let range = block.span().byte_range();
            let changes = self.changes("FnValue", first.span(), last.span(), &range);
            self.add(range, Shape::Body, changes);
        }
    }
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.body(&function.block);
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.body(&function.block);
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast syn::TraitItemFn) {
        if let Some(block) = &function.default {
            self.body(block);
        }
        visit::visit_trait_item_fn(self, function);
    }

    fn visit_expr_binary(&mut self, binary: &'ast syn::ExprBinary) {
        let span = binary.op.span();
        let changes = self.changes("BinaryOperator", span, span, &span.byte_range());
        let shape = match binary.op {
            syn::BinOp::And(_) | syn::BinOp::Or(_) => Shape::Logic(
                binary.left.span().byte_range(),
                binary.right.span().byte_range(),
            ),
            _ => Shape::Expression,
        };
        // `let` in a chain cannot stand beside `||`: no such mutant compiles.
        if !(has_let(&binary.left) || has_let(&binary.right)) {
            self.add(binary.span().byte_range(), shape, changes);
        }
        visit::visit_expr_binary(self, binary);
    }

    fn visit_expr_unary(&mut self, unary: &'ast syn::ExprUnary) {
        let span = unary.op.span();
        let changes = self.changes("UnaryOperator", span, span, &span.byte_range());
        self.add(unary.span().byte_range(), Shape::Expression, changes);
        visit::visit_expr_unary(self, unary);
    }

    fn visit_arm(&mut self, arm: &'ast syn::Arm) {
        let after = arm.pat.span().byte_range().end;
        let range = match &arm.guard {
            Some((_, guard)) => guard.span().byte_range(),
            None => after..after,
        };
        let changes = match &arm.guard {
            Some((_, guard)) => self.changes("MatchArmGuard", guard.span(), guard.span(), &range),
            None => self.changes("MatchArm", arm.span(), arm.span(), &range),
        };
        self.add(range, Shape::Guard, changes);
        visit::visit_arm(self, arm);
    }

    fn visit_expr_struct(&mut self, literal: &'ast syn::ExprStruct) {
        let mut changes = Vec::new();
        for pair in literal.fields.pairs() {
            let field = pair.value().span();
            let last = pair.punct().map_or(field, |comma| comma.span());
            let range = field.byte_range().start..last.byte_range().end;
            changes.extend(self.changes("StructField", field, last, &range));
        }
        self.add(literal.span().byte_range(), Shape::Expression, changes);
        visit::visit_expr_struct(self, literal);
    }
}

fn has_let(side: &syn::Expr) -> bool {
    match side {
        syn::Expr::Let(_) => true,
        syn::Expr::Binary(binary) => has_let(&binary.left) || has_let(&binary.right),
        _ => false,
    }
}
