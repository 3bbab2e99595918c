DROP INDEX telling_in_short;
DROP INDEX record_as_it_stands;
