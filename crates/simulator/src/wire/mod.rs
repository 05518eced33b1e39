//! Wire protocols: JSON 1.1, query/XML, REST-XML; one dispatcher. S2 fills this.
