using System.Globalization;
using EdgeAssist.AlertRelay.History.Matching;
using EdgeAssist.AlertRelay.Journal.Sqlite;
using EdgeAssist.Contracts;
using Microsoft.Data.Sqlite;

namespace EdgeAssist.AlertRelay.History.Store;

/// <summary>Queries on one connection, prepared once. One thread at a time.</summary>
internal sealed class HistoryReader : IDisposable
{
    private const string Columns =
        "s.name, i.source_id, i.kind, i.state, i.at, i.due, i.closed, i.matter, i.channel, i.summary, i.amount, i.currency, i.rating, MAX(i.as_of, s.as_of)";

    private readonly SqliteConnection _connection;
    private readonly Statement _whose, _ofKey, _customer, _recent, _open, _identifierSources, _call, _callsOf;

    public HistoryReader(SqliteConnection connection)
    {
        _connection = connection;
        SqliteSchema.Execute(connection, "PRAGMA query_only = ON");
        _whose = new(connection,
            "SELECT c.key FROM identifiers n JOIN customers c ON c.id = n.customer WHERE n.kind = $kind AND n.value = $value GROUP BY n.customer LIMIT 10", "$kind", "$value");
        _ofKey = new(connection, "SELECT key FROM customers WHERE key = $key", "$key");
        _customer = new(connection, "SELECT id, name, value, locale, as_of FROM customers WHERE key = $key", "$key");

        // LIMIT $most alone would let SQLite look at the value, and parse and plan the statement anew whenever one is bound.
        _recent = new(connection,
            $"SELECT {Columns} FROM interactions i JOIN sources s ON s.id = i.source WHERE i.customer = $customer AND i.at >= $since ORDER BY i.at DESC, i.id DESC LIMIT $most + 0",
            "$customer", "$since", "$most");

        // By the index of what is open, which SQLite does not choose by itself: of old rows that are over none is read.
        _open = new(connection,
            $"SELECT {Columns} FROM interactions i INDEXED BY interactions_open JOIN sources s ON s.id = i.source WHERE i.customer = $customer AND i.state = 1 AND i.at < $since ORDER BY i.at DESC, i.id DESC LIMIT $most + 0",
            "$customer", "$since", "$most");
        _identifierSources = new(connection,
            "SELECT MIN(as_of) FROM sources WHERE id IN (SELECT source FROM identifiers WHERE customer = $customer)", "$customer");
        _call = new(connection, "SELECT c.key, l.identifier, l.team, l.agent, l.at FROM calls l JOIN customers c ON c.id = l.customer WHERE l.call_id = $call", "$call");
        _callsOf = new(connection, "SELECT DISTINCT l.team, l.agent FROM calls l JOIN customers c ON c.id = l.customer WHERE c.key = $key", "$key");
    }

    /// <summary>Keys of the customers that have an identifier; at most 10.</summary>
    public IReadOnlyList<string> Whose(Identifier identifier)
    {
        var keys = Strings(_whose.Query((int)identifier.Kind, identifier.Value));
        if (identifier.Kind == IdentifierKind.CustomerId && keys.Count == 0) keys = Strings(_ofKey.Query(identifier.Value));
        return keys;
    }

    /// <summary>A customer with what happened to them; null when nothing is kept of them.</summary>
    /// <param name="key">The customer.</param>
    /// <param name="window">How much.</param>
    /// <param name="now">Ages are counted from here.</param>
    public CustomerRecord? Customer(string key, HistoryWindow window, DateTimeOffset now)
    {
        using var row = _customer.Query(key);
        if (!row.Read()) return null;

        var id = row.GetInt64(0);
        var since = (now - window.Age).ToUnixTimeMilliseconds();
        var interactions = Interactions(_recent.Query(id, since, window.Most));
        if (interactions.Count < window.Most) interactions.AddRange(Interactions(_open.Query(id, since, window.Most - interactions.Count)));

        // Who was told by key alone has no source but that of what happened to them.
        var asOf = Oldest([.. interactions.Select(interaction => (DateTimeOffset?)interaction.AsOf), Time(_identifierSources.Scalar(id))]) ?? Time(row.GetInt64(4))!.Value;
        return new CustomerRecord
        {
            Key = key,
            Name = row.GetString(1),
            Value = row.IsDBNull(2) ? null : row.GetDouble(2),
            Locale = row.GetString(3),
            Interactions = [.. interactions],
            AsOf = asOf,
            IsStale = now - asOf > window.StaleAfter,
        };
    }

    /// <summary>Whose call it was, and where it belonged; null when it was not recognised, or is forgotten.</summary>
    public KnownCall? Call(string callId)
    {
        using var row = _call.Query(callId);
        return row.Read() ? new KnownCall(row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), Time(row.GetInt64(4))!.Value) : null;
    }

    /// <summary>Teams and agents of the calls of a customer.</summary>
    public IReadOnlyList<(string Team, string Agent)> CallsOf(string key)
    {
        var found = new List<(string, string)>();
        using var row = _callsOf.Query(key);
        while (row.Read()) found.Add((row.GetString(0), row.GetString(1)));
        return found;
    }

    public (long Customers, long Interactions) Totals() => (Count("customers"), Count("interactions"));

    public HistoryStatistics Statistics()
    {
        var sources = new List<SourceStatistics>();
        using (var command = new Statement(_connection,
            "SELECT s.name, s.as_of, (SELECT COUNT(*) FROM interactions i WHERE i.source = s.id), s.asked, s.failed, s.last_failure, s.last_failed_at FROM sources s ORDER BY s.name"))
        {
            using var row = command.Query();
            while (row.Read())
                sources.Add(new SourceStatistics(row.GetString(0), Time(row.GetInt64(1))!.Value, row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), row.GetString(5), Time(row.GetInt64(6))!.Value));
        }

        return new HistoryStatistics(Count("customers"), Count("interactions"), Count("identifiers"), Count("calls"), sources);
    }

    /// <summary>What was erased, newest first; at most 1,000 entries.</summary>
    public IReadOnlyList<AuditEntry> Audit()
    {
        var found = new List<AuditEntry>();
        using var command = new Statement(_connection, "SELECT id, at, actor, reason, interactions, identifiers, calls FROM audit ORDER BY id DESC LIMIT 1000");
        using var row = command.Query();
        while (row.Read())
            found.Add(new AuditEntry(row.GetInt64(0), Time(row.GetInt64(1))!.Value, row.GetString(2), row.GetString(3), row.GetInt64(4), row.GetInt64(5), row.GetInt64(6)));
        return found;
    }

    public void Dispose()
    {
        foreach (var statement in (ReadOnlySpan<Statement>)[_whose, _ofKey, _customer, _recent, _open, _identifierSources, _call, _callsOf]) statement.Dispose();
        _connection.Dispose();
    }

    private long Count(string table) => (long)SqliteSchema.Scalar(_connection, "SELECT COUNT(*) FROM " + table)!;

    private static List<string> Strings(SqliteDataReader row)
    {
        using (row)
        {
            var found = new List<string>();
            while (row.Read()) found.Add(row.GetString(0));
            return found;
        }
    }

    private static List<CustomerInteraction> Interactions(SqliteDataReader row)
    {
        using (row)
        {
            var found = new List<CustomerInteraction>();
            while (row.Read()) found.Add(Interaction(row));
            return found;
        }
    }

    private static CustomerInteraction Interaction(SqliteDataReader row) => new()
    {
        Source = row.GetString(0),
        SourceId = row.GetString(1),
        Kind = (InteractionKind)row.GetInt32(2),
        State = (InteractionState)row.GetInt32(3),
        At = Time(row.GetInt64(4))!.Value,
        DueAt = row.IsDBNull(5) ? null : Time(row.GetInt64(5)),
        ClosedAt = row.IsDBNull(6) ? null : Time(row.GetInt64(6)),
        Matter = row.GetString(7),
        Channel = row.GetString(8),
        Summary = row.GetString(9),
        Amount = row.IsDBNull(10) ? null : decimal.Parse(row.GetString(10), NumberStyles.Number, CultureInfo.InvariantCulture),
        Currency = row.GetString(11),
        Rating = row.IsDBNull(12) ? null : row.GetDouble(12),
        AsOf = Time(row.GetInt64(13))!.Value,
    };

    private static DateTimeOffset? Oldest(IEnumerable<DateTimeOffset?> moments) => moments.Min();

    private static DateTimeOffset? Time(object? milliseconds) => milliseconds is long value ? DateTimeOffset.FromUnixTimeMilliseconds(value) : null;
}

/// <summary>A call that was recognised.</summary>
internal sealed record KnownCall(string CustomerKey, string Identifier, string Team, string Agent, DateTimeOffset At);

/// <summary>One erasure: when, by whom, why, and how much it took away.</summary>
internal sealed record AuditEntry(long Id, DateTimeOffset At, string Actor, string Reason, long Interactions, long Identifiers, long Calls);

/// <summary>What is kept, in numbers.</summary>
public sealed record HistoryStatistics(long Customers, long Interactions, long Identifiers, long Calls, IReadOnlyList<SourceStatistics> Sources);

/// <summary>One source, in numbers.</summary>
/// <param name="Name">Its name.</param>
/// <param name="AsOf">Up to when it is known to be told.</param>
/// <param name="Interactions">Kept of it.</param>
/// <param name="Asked">How often it was asked for a call; 0 for one that is imported or pushes.</param>
/// <param name="Failed">How often it did not answer, or not with something that could be used.</param>
/// <param name="LastFailure">Why, the last time; empty for never.</param>
/// <param name="LastFailedAt">When.</param>
public sealed record SourceStatistics(string Name, DateTimeOffset AsOf, long Interactions, long Asked, long Failed, string LastFailure, DateTimeOffset LastFailedAt);
