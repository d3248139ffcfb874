using EdgeAssist.AlertRelay.History;
using EdgeAssist.AlertRelay.History.Matching;
using EdgeAssist.AlertRelay.History.Store;
using EdgeAssist.Contracts;

namespace EdgeAssist.AlertRelay.Tests.History;

/// <summary>Customers and interactions as a source would tell them.</summary>
internal static class Past
{
    public static DateTimeOffset Now { get; } = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    public static HistoryWindow Window { get; } = new(TimeSpan.FromDays(180), 50, TimeSpan.FromHours(24));

    public static CustomerWrite Customer(string key, params Identifier[] identifiers) => new()
    {
        Key = key, Name = "Erika Mustermann", Locale = "de-DE", Value = 2, Identifiers = [.. identifiers], AllIdentifiers = true, AsOf = Now,
    };

    public static Identifier Number(string e164) => new(IdentifierKind.Number, e164);

    public static CustomerInteraction Contact(string id, double daysAgo, string matter = "") => New(id, InteractionKind.Contact, InteractionState.None, daysAgo) with { Matter = matter, Channel = "phone" };

    public static CustomerInteraction Ticket(string id, double daysAgo, InteractionState state = InteractionState.Open) => New(id, InteractionKind.Ticket, state, daysAgo) with { Matter = id };

    public static CustomerInteraction Promise(string id, double daysAgo, InteractionState state, double? dueInDays = null) =>
        New(id, InteractionKind.Promise, state, daysAgo) with { DueAt = dueInDays is { } days ? Now.AddDays(days) : null };

    public static CustomerInteraction New(string id, InteractionKind kind, InteractionState state, double daysAgo) => new()
    {
        Source = "crm", SourceId = id, Kind = kind, State = state, At = Now.AddDays(-daysAgo), AsOf = Now,
    };

    /// <summary>Puts a customer with their interactions.</summary>
    public static void Put(this HistoryStore store, CustomerWrite customer, params CustomerInteraction[] interactions) => store.Write(batch =>
    {
        var source = batch.Source("crm");
        batch.Put(source, customer);
        foreach (var interaction in interactions) batch.Put(new InteractionWrite(customer.Key, interaction));
        batch.Fresh(source, customer.AsOf);
        return 0;
    });
}
