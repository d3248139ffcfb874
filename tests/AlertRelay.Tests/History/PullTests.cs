using System.Net;
using EdgeAssist.AlertRelay.History;
using EdgeAssist.AlertRelay.History.Pull;
using EdgeAssist.AlertRelay.Tests.Support;
using EdgeAssist.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.History;

/// <summary>The connector against a real HTTP server on loopback.</summary>
public sealed class PullTests : IAsyncLifetime
{
    private static readonly long Yesterday = TimeProvider.System.GetUtcNow().AddDays(-1).ToUnixTimeSeconds();

    private static readonly string Answer = $$"""
        {"id":"c-9","profile":{"displayName":"Erika","weight":3},"phones":["030 555 01 00"],
         "cases":[{"number":"C-1","created":{{Yesterday}},"state":"OPEN","origin":"phone","title":"No dial tone"}],
         "contacts":[{"uuid":"u-1","time":{{Yesterday + 60}},"case":"C-1","medium":"phone"},{"uuid":"u-2","time":{{Yesterday + 120}},"case":"C-1","medium":"chat"}]}
        """;

    private readonly TempDirectory _directory = new();
    private readonly List<(string Query, string Key)> _asked = [];
    private readonly SemaphoreSlim _let = new(0);
    private WebApplication _system = null!;
    private RelayServer? _relay;
    private bool _waits;
    private HttpStatusCode _status = HttpStatusCode.OK;
    private string _answer = Answer;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        _system = builder.Build();
        _system.Run(async context =>
        {
            lock (_asked) _asked.Add((context.Request.QueryString.Value!, context.Request.Headers["X-Api-Key"].ToString()));
            if (_waits) await _let.WaitAsync(context.RequestAborted);
            context.Response.StatusCode = (int)_status;
            await context.Response.WriteAsync(_answer);
        });
        await _system.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_relay is not null) await _relay.DisposeAsync();
        await _system.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task What_the_system_answers_follows_what_is_kept()
    {
        var directory = await StartAsync();

        var told = await LookUpAsync(directory);

        Assert.Equal([MatchOutcome.Unknown, MatchOutcome.Matched], told.Select(history => history.Match.Outcome));
        Assert.Equal(("c-9", 3.0, 3), (told[1].Customer!.Key, told[1].Customer!.Value, told[1].Customer!.Interactions.Length));
        Assert.False(told[1].Customer!.IsStale);
        Assert.Equal([("?phone=%2B49305550100&id=", "secret")], _asked);
        Assert.Same(told[1], _relay!.Services.GetRequiredService<ICallHistories>().Of(told[1].Call));
    }

    [Fact]
    public async Task A_system_that_is_slow_holds_up_nothing_and_its_answer_comes_late()
    {
        _waits = true;
        var directory = await StartAsync();
        await using var look = directory.LookUpAsync(Say.Info(Say.NewCall()), Patience.Of(60)).GetAsyncEnumerator();

        Assert.True(await look.MoveNextAsync());
        var first = look.Current;
        var second = look.MoveNextAsync();
        var waited = !second.IsCompleted;
        _let.Release();

        Assert.True(await second);
        Assert.True(waited);
        Assert.Equal((MatchOutcome.Unknown, MatchOutcome.Matched), (first.Match.Outcome, look.Current.Match.Outcome));
    }

    [Fact]
    public async Task An_answer_is_not_asked_for_again_within_its_time()
    {
        var directory = await StartAsync();
        await LookUpAsync(directory);

        var again = await LookUpAsync(directory);

        Assert.Equal(MatchOutcome.Matched, Assert.Single(again).Match.Outcome);
        Assert.Single(_asked);
    }

    [Fact]
    public async Task Calls_that_want_the_same_share_one_request()
    {
        _waits = true;
        var directory = await StartAsync();
        var looks = Enumerable.Range(0, 20).Select(_ => LookUpAsync(directory)).ToList();
        while (AskedCount() == 0) await Task.Yield();
        _let.Release(20);

        await Task.WhenAll(looks);

        Assert.Equal(1, AskedCount());
    }

    [Fact]
    public async Task Somebody_the_system_does_not_know_is_no_failure()
    {
        _status = HttpStatusCode.NotFound;
        var directory = await StartAsync();

        var told = await LookUpAsync(directory);
        await LookUpAsync(directory);

        Assert.Equal(MatchOutcome.Unknown, Assert.Single(told).Match.Outcome);
        Assert.Single(_asked);
        Assert.Equal((1, 0), Counts());
    }

    [Theory]
    [InlineData(HttpStatusCode.InternalServerError, "{}", "it answered 500")]
    [InlineData(HttpStatusCode.Redirect, "{}", "it answered 302")]
    [InlineData(HttpStatusCode.OK, "<html>", "its answer cannot be used at 1:1 (This is no JSON)")]
    [InlineData(HttpStatusCode.OK, """{"id":"c-9","cases":[{"number":"1","created":"yesterday"}]}""", "its answer cannot be used at 1:36 (at)")]
    public async Task What_fails_is_counted_told_and_then_left_alone(HttpStatusCode status, string answer, string why)
    {
        (_status, _answer) = (status, answer);
        var directory = await StartAsync();

        for (var call = 0; call < 5; call++) Assert.Single(await LookUpAsync(directory));

        Assert.Equal(3, AskedCount());   // then it rests
        Assert.Equal((3, 3), Counts());
        var statistics = Hosting.HistoryFiles.Statistics(_directory.Path)!;
        Assert.Equal(why, statistics.Sources.Single().LastFailure);
        var health = await _relay!.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(check => check.Name == "history", Patience.Normal);
        Assert.Equal(HealthStatus.Degraded, health.Status);
        Assert.Contains("left alone for a while", health.Entries["history"].Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_system_that_cannot_be_reached_is_a_failure_like_another()
    {
        await _system.StopAsync();
        var directory = await StartAsync();

        Assert.Equal(MatchOutcome.Unknown, Assert.Single(await LookUpAsync(directory)).Match.Outcome);

        Assert.Equal((1, 1), Counts());
        Assert.StartsWith("it cannot be reached", Hosting.HistoryFiles.Statistics(_directory.Path)!.Sources.Single().LastFailure, StringComparison.Ordinal);
    }

    [Fact]
    public void A_system_that_failed_is_tried_by_one_and_left_alone_for_longer_each_time()
    {
        var circuit = new PullCircuit(failuresToRest: 2, TimeSpan.FromSeconds(10));
        var now = new Instant(0);
        circuit.OnFailure(now);
        Assert.True(circuit.MayAsk(now));
        circuit.OnFailure(now);

        Assert.False(circuit.MayAsk(now + TimeSpan.FromSeconds(9)));
        Assert.True(circuit.MayAsk(now + TimeSpan.FromSeconds(10)));
        Assert.False(circuit.MayAsk(now + TimeSpan.FromSeconds(10)));   // one is trying
        circuit.OnFailure(now + TimeSpan.FromSeconds(10));
        Assert.False(circuit.MayAsk(now + TimeSpan.FromSeconds(29)));
        Assert.True(circuit.MayAsk(now + TimeSpan.FromSeconds(30)));
        circuit.OnAnswer();
        Assert.True(circuit.MayAsk(now + TimeSpan.FromSeconds(30)));
        Assert.False(circuit.IsResting);
    }

    [Theory]
    [InlineData("https://crm.example/{number}", null)]
    [InlineData("http://127.0.0.1:80/?a={aor}&u={ucid}", null)]
    [InlineData("http://crm.example/{number}", "is no https address")]
    [InlineData("https://crm.example/", "has no place for an identifier")]
    [InlineData("https://crm.example/{phone}", "holds {phone}")]
    [InlineData("crm/{number}", "is no https address")]
    public void An_address_that_cannot_be_asked_is_refused(string template, string? fault)
    {
        var found = PullAddress.Fault(template);

        if (fault is null) Assert.Null(found);
        else Assert.StartsWith(fault, found, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_that_do_not_fit_are_refused_by_name()
    {
        var options = new HistoryOptions { MaxInteractions = 4, DefaultRegion = "Germany", Pull = { Url = "https://crm.example/{number}", Mapping = "/nowhere.yaml", Rest = TimeSpan.Zero } };
        options.Match.Add("name");

        var failures = new HistoryOptionsValidator().Validate(null, options).Failures!.ToList();

        foreach (var expected in new[] { "History:MaxInteractions is 4; 5 to 500 fit.", "History:Match holds \"name\"", "\"Germany\" is no country", "History:Pull:Mapping: ", "History:Pull:Rest is 00:00:00" })
            Assert.Contains(failures, failure => failure.Contains(expected, StringComparison.Ordinal));
    }

    private async Task<ICustomerDirectory> StartAsync()
    {
        var mapping = Path.Combine(_directory.Path, "pull.yaml");
        var header = Path.Combine(_directory.Path, "pull.header");
        await File.WriteAllTextAsync(mapping, """
            source: crm-api
            format: json
            time: { formats: [unix] }
            customer: { key: id, name: profile.displayName, value: profile.weight, identifiers: [ { number: "phones[0]" } ] }
            interactions:
              - { each: cases, kind: { value: ticket }, id: number, at: created, state: { field: state, values: { OPEN: open, CLOSED: closed } }, matter: number }
              - { each: contacts, kind: { value: contact }, id: uuid, at: time, matter: case }
            """);
        await File.WriteAllTextAsync(header, "X-Api-Key: secret\n");
        _relay = await RelayServer.StartAsync(_directory.Path, services: services => services.Configure<HistoryOptions>(options =>
        {
            options.DefaultRegion = "DE";
            (options.Pull.Url, options.Pull.Mapping, options.Pull.HeaderFile) = (_system.Urls.First() + "/customers?phone={number}&id={customer-id}", mapping, header);
            (options.Pull.FailuresToRest, options.Pull.Rest, options.Pull.Timeout) = (3, TimeSpan.FromHours(1), TimeSpan.FromSeconds(30));
        }));
        return _relay.Services.GetRequiredService<ICustomerDirectory>();
    }

    private static async Task<List<CallHistory>> LookUpAsync(ICustomerDirectory directory)
    {
        var told = new List<CallHistory>();
        await foreach (var history in directory.LookUpAsync(Say.Info(Say.NewCall()), Patience.Of(60))) told.Add(history);
        return told;
    }

    private int AskedCount()
    {
        lock (_asked) return _asked.Count;
    }

    private (long Asked, long Failed) Counts()
    {
        var source = Hosting.HistoryFiles.Statistics(_directory.Path)!.Sources.Single(source => source.Name == "crm-api");
        return (source.Asked, source.Failed);
    }
}
