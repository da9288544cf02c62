CREATE VIEW operation_totals AS
SELECT operation, count(*) AS calculations, max(calculated_at) AS latest
FROM history
GROUP BY operation;
