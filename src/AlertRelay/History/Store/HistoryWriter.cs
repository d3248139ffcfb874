using EdgeAssist.AlertRelay.History.Matching;
using EdgeAssist.Contracts;
using Microsoft.Data.Sqlite;

namespace EdgeAssist.AlertRelay.History.Store;

/// <summary>The store's one connection for writing, with its statements prepared. Used by the batch that was let in.</summary>
internal sealed class HistoryWriter : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly Statement[] _all;
    private readonly Statement _findSource, _addSource, _freshen;
    private readonly Statement _findCustomer, _addCustomer, _changeCustomer;
    private readonly Statement _addIdentifier, _ownIdentifiers, _dropIdentifier;
    private readonly Statement _findInteraction, _addInteraction, _changeInteraction;

    // What this batch saw already. Emptied with it: between batches another process may write and erase.
    private readonly Dictionary<string, long> _customers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _sources = new(StringComparer.Ordinal);

    public HistoryWriter(SqliteConnection connection)
    {
        _connection = connection;
        _all =
        [
            _findSource = new(connection, "SELECT id FROM sources WHERE name = $name", "$name"),
            _addSource = new(connection, "INSERT INTO sources (name, as_of) VALUES ($name, 0) RETURNING id", "$name"),
            _freshen = new(connection, "UPDATE sources SET as_of = $asOf WHERE id = $id AND as_of < $asOf", "$id", "$asOf"),
            _findCustomer = new(connection, "SELECT id, as_of, digest FROM customers WHERE key = $key", "$key"),
            _addCustomer = new(connection,
                "INSERT INTO customers (key, name, value, locale, as_of, digest) VALUES ($key, $name, $value, $locale, $asOf, $digest) RETURNING id",
                "$key", "$name", "$value", "$locale", "$asOf", "$digest"),
            _changeCustomer = new(connection,
                "UPDATE customers SET name = $name, value = $value, locale = $locale, as_of = $asOf, digest = $digest WHERE id = $id",
                "$id", "$name", "$value", "$locale", "$asOf", "$digest"),
            _addIdentifier = new(connection,
                "INSERT OR IGNORE INTO identifiers (kind, value, customer, source) VALUES ($kind, $value, $customer, $source)", "$kind", "$value", "$customer", "$source"),
            _ownIdentifiers = new(connection, "SELECT kind, value FROM identifiers WHERE customer = $customer AND source = $source", "$customer", "$source"),
            _dropIdentifier = new(connection,
                "DELETE FROM identifiers WHERE kind = $kind AND value = $value AND customer = $customer AND source = $source", "$kind", "$value", "$customer", "$source"),
            _findInteraction = new(connection, "SELECT id, as_of, digest FROM interactions WHERE source = $source AND source_id = $sourceId", "$source", "$sourceId"),
            _addInteraction = new(connection,
                "INSERT INTO interactions (source, source_id, customer, kind, state, at, due, closed, matter, channel, summary, amount, currency, rating, as_of, digest) " +
                "VALUES ($source, $sourceId, $customer, $kind, $state, $at, $due, $closed, $matter, $channel, $summary, $amount, $currency, $rating, $asOf, $digest)",
                "$source", "$sourceId", "$customer", "$kind", "$state", "$at", "$due", "$closed", "$matter", "$channel", "$summary", "$amount", "$currency", "$rating", "$asOf", "$digest"),
            _changeInteraction = new(connection,
                "UPDATE interactions SET customer = $customer, kind = $kind, state = $state, at = $at, due = $due, closed = $closed, matter = $matter, channel = $channel, " +
                "summary = $summary, amount = $amount, currency = $currency, rating = $rating, as_of = $asOf, digest = $digest WHERE id = $id",
                "$id", "$customer", "$kind", "$state", "$at", "$due", "$closed", "$matter", "$channel", "$summary", "$amount", "$currency", "$rating", "$asOf", "$digest"),
        ];
    }

    public SqliteConnection Connection => _connection;

    public string Path => _connection.DataSource;

    public SqliteTransaction Begin()
    {
        try
        {
            // Takes the right to write at once: a batch that began never has to be done anew because another process wrote.
            var transaction = _connection.BeginTransaction(deferred: false);
            foreach (var statement in _all) statement.Transaction = transaction;
            return transaction;
        }
        catch (SqliteException error)
        {
            throw HistoryFaults.Explain(error, Path);
        }
    }

    public void End()
    {
        foreach (var statement in _all) statement.Transaction = null;
        _customers.Clear();
        _sources.Clear();
    }

    public long Source(string name)
    {
        if (_sources.TryGetValue(name, out var known)) return known;
        return _sources[name] = _findSource.Scalar(name) as long? ?? (long)_addSource.Scalar(name)!;
    }

    public void Fresh(long source, DateTimeOffset asOf) => _freshen.Run(source, asOf.ToUnixTimeMilliseconds());

    public PutOutcome Put(long source, CustomerWrite customer)
    {
        var (id, outcome) = PutCustomer(customer);
        if (outcome == PutOutcome.Older) return outcome;
        var changed = PutIdentifiers(source, id, customer);
        return changed && outcome == PutOutcome.Unchanged ? PutOutcome.Changed : outcome;
    }

    public PutOutcome Put(InteractionWrite write)
    {
        var interaction = write.Interaction;
        var source = Source(interaction.Source);
        var customer = CustomerId(write.CustomerKey, interaction.AsOf);
        var (digest, asOf) = (write.Digest(), interaction.AsOf.ToUnixTimeMilliseconds());
        if (Kept(_findInteraction.Query(source, interaction.SourceId)) is not { } kept)
        {
            _addInteraction.Run([source, interaction.SourceId, customer, .. Columns(interaction), asOf, digest]);
            return PutOutcome.Added;
        }

        if (kept.Digest.AsSpan().SequenceEqual(digest)) return PutOutcome.Unchanged;
        if (kept.AsOf > asOf) return PutOutcome.Older;
        _changeInteraction.Run([kept.Id, customer, .. Columns(interaction), asOf, digest]);
        return PutOutcome.Changed;
    }

    public void Dispose()
    {
        foreach (var statement in _all) statement.Dispose();
        _connection.Dispose();
    }

    private (long Id, PutOutcome Outcome) PutCustomer(CustomerWrite customer)
    {
        if (customer.KeyOnly && _customers.TryGetValue(customer.Key, out var seen)) return (seen, PutOutcome.Unchanged);
        var (digest, asOf) = (customer.Digest(), customer.AsOf.ToUnixTimeMilliseconds());
        if (Kept(_findCustomer.Query(customer.Key)) is not { } kept)
        {
            // One that is known by key alone must not outdate what a source tells of them later but as of earlier.
            var id = (long)_addCustomer.Scalar(customer.Key, customer.Name, customer.Value, customer.Locale, customer.KeyOnly ? 0 : asOf, digest)!;
            return (_customers[customer.Key] = id, PutOutcome.Added);
        }

        _customers[customer.Key] = kept.Id;
        if (customer.KeyOnly || kept.Digest.AsSpan().SequenceEqual(digest)) return (kept.Id, PutOutcome.Unchanged);
        if (kept.AsOf > asOf) return (kept.Id, PutOutcome.Older);
        _changeCustomer.Run(kept.Id, customer.Name, customer.Value, customer.Locale, asOf, digest);
        return (kept.Id, PutOutcome.Changed);
    }

    private bool PutIdentifiers(long source, long id, CustomerWrite customer)
    {
        if (customer.Identifiers.IsEmpty && !customer.AllIdentifiers) return false;
        var changed = false;
        if (customer.AllIdentifiers)
        {
            foreach (var gone in OwnIdentifiers(id, source).Where(own => !customer.Identifiers.Contains(own)).ToList())
                changed |= _dropIdentifier.Run((int)gone.Kind, gone.Value, id, source) > 0;
        }

        foreach (var identifier in customer.Identifiers)
            changed |= _addIdentifier.Run((int)identifier.Kind, identifier.Value, id, source) > 0;
        return changed;
    }

    private IEnumerable<Identifier> OwnIdentifiers(long customer, long source)
    {
        using var row = _ownIdentifiers.Query(customer, source);
        while (row.Read()) yield return new Identifier((IdentifierKind)row.GetInt32(0), row.GetString(1));
    }

    private long CustomerId(string key, DateTimeOffset asOf) => _customers.TryGetValue(key, out var known)
        ? known
        : PutCustomer(new CustomerWrite { Key = key, KeyOnly = true, AsOf = asOf }).Id;

    private static (long Id, long AsOf, byte[] Digest)? Kept(SqliteDataReader row)
    {
        using (row) return row.Read() ? (row.GetInt64(0), row.GetInt64(1), row.GetFieldValue<byte[]>(2)) : null;
    }

    private static object?[] Columns(CustomerInteraction interaction) =>
    [
        (int)interaction.Kind, (int)interaction.State, interaction.At.ToUnixTimeMilliseconds(), interaction.DueAt?.ToUnixTimeMilliseconds(),
        interaction.ClosedAt?.ToUnixTimeMilliseconds(), interaction.Matter, interaction.Channel, interaction.Summary,
        interaction.Amount?.ToString(System.Globalization.CultureInfo.InvariantCulture), interaction.Currency, interaction.Rating,
    ];
}
