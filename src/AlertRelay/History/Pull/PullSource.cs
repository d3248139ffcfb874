using System.Collections.Concurrent;
using System.Net;
using EdgeAssist.AlertRelay.History.Import;
using EdgeAssist.AlertRelay.History.Matching;
using EdgeAssist.AlertRelay.History.Store;
using EdgeAssist.Contracts;
using Microsoft.Extensions.Logging;

namespace EdgeAssist.AlertRelay.History.Pull;

/// <summary>
/// Asks a system over HTTP when a call begins, and keeps what it answers in the store. Answers are kept for a while, one request
/// an address is under way at a time, and a system that fails is left alone for a while. Nobody waits for it but its own look-up.
/// </summary>
internal sealed class PullSource : IDisposable
{
    private const int MaxAnswer = 1024 * 1024, MaxRemembered = 16_384;

    private readonly HistoryPullOptions _options;
    private readonly ImportMapping _mapping;
    private readonly PullAddress _address;
    private readonly Func<HistoryStore> _store;
    private readonly string _region;
    private readonly HistoryMetrics _metrics;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;

    // Look-ups of many calls meet here.
    private readonly ConcurrentDictionary<Uri, Lazy<Task<bool>>> _underWay = new();
    private readonly ConcurrentDictionary<Uri, Instant> _askedAt = new();
    private readonly SemaphoreSlim _places;
    private readonly Lock _gate = new();
    private readonly PullCircuit _circuit;

    /// <exception cref="MappingException">The mapping cannot be used.</exception>
    public PullSource(HistoryOptions options, Func<HistoryStore> store, HistoryMetrics metrics, ILogger logger, TimeProvider time)
    {
        (_options, _store, _region, _metrics, _logger, _time) = (options.Pull, store, options.DefaultRegion, metrics, logger, time);
        _mapping = MappingFile.Read(_options.Mapping);
        _address = new PullAddress(_options.Url);
        _circuit = new PullCircuit(_options.FailuresToRest, _options.Rest);
        _places = new SemaphoreSlim(_options.MaxAtOnce);
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5), ConnectTimeout = _options.Timeout })
        {
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = MaxAnswer,
        };
    }

    /// <summary>Why nobody is asked at present; empty when somebody is.</summary>
    public string Problem
    {
        get
        {
            lock (_gate) return _circuit.IsResting ? $"The system behind History:Pull ({_mapping.Source}) fails and is left alone for a while." : "";
        }
    }

    /// <summary>Asks for a call's customer, unless the answer is known already.</summary>
    /// <returns>Whether something came that is now in the store.</returns>
    public async Task<bool> AskAsync(IReadOnlyList<CallIdentifier> identifiers, CancellationToken cancellationToken)
    {
        if (_address.For(identifiers) is not var (address, identifier)) return false;
        if (_askedAt.TryGetValue(address, out var askedAt) && Instant.Now(_time) - askedAt < _options.Ttl)
        {
            _metrics.Pulled("cached");
            return false;
        }

        // The request is everybody's who wants the same: a call that ends does not end it.
        var request = _underWay.GetOrAdd(address, _ => new Lazy<Task<bool>>(() => AskAsync(address, identifier)));
        return await request.Value.WaitAsync(cancellationToken);
    }

    public void Dispose()
    {
        _http.Dispose();
        _places.Dispose();
    }

    private async Task<bool> AskAsync(Uri address, Identifier identifier)
    {
        try
        {
            if (!_places.Wait(0))
            {
                _metrics.Pulled("busy");
                return false;
            }

            try
            {
                if (MayAsk()) return await FetchAsync(address, identifier);
                _metrics.Pulled("resting");
                return false;
            }
            finally
            {
                _places.Release();
            }
        }
        finally
        {
            _underWay.TryRemove(address, out _);
        }
    }

    private bool MayAsk()
    {
        lock (_gate) return _circuit.MayAsk(Instant.Now(_time));
    }

    private async Task<bool> FetchAsync(Uri address, Identifier identifier)
    {
        string? failure = null;
        MappedRow? row = null;
        using var timeout = new CancellationTokenSource(_options.Timeout, _time);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            AddHeader(request);
            using var response = await _http.SendAsync(request, timeout.Token);
            if (response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.NoContent) _metrics.Pulled("nobody");
            else if (!response.IsSuccessStatusCode) failure = $"it answered {(int)response.StatusCode}";
            else (row, failure) = Read(await response.Content.ReadAsStringAsync(timeout.Token));
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            failure = $"no answer within {_options.Timeout.TotalSeconds:0.#} s";
        }
        catch (Exception unreachable) when (unreachable is HttpRequestException or IOException or UnauthorizedAccessException or FormatException or InvalidOperationException)
        {
            failure = unreachable is HttpRequestException { HttpRequestError: not HttpRequestError.Unknown } http ? $"it cannot be reached ({http.HttpRequestError})" : unreachable.GetType().Name;
        }

        return Settle(address, identifier, row, failure);
    }

    /// <summary>Keeps what came, and how the system behaved.</summary>
    private bool Settle(Uri address, Identifier identifier, MappedRow? row, string? failure)
    {
        var now = Instant.Now(_time);
        lock (_gate)
        {
            if (failure is null) _circuit.OnAnswer();
            else _circuit.OnFailure(now);
        }

        if (failure is null)
        {
            if (_askedAt.Count >= MaxRemembered) _askedAt.Clear();
            _askedAt[address] = now;
        }
        else
        {
            _metrics.Pulled("failed");
            HistoryLog.PullFailed(_logger, failure);
        }

        if (row is not null) _metrics.Pulled("answered");
        _store().Write(batch =>
        {
            var source = batch.Source(_mapping.Source);
            batch.Note(source, failure, _time.GetUtcNow());
            if (failure is null) batch.Fresh(source, _time.GetUtcNow());
            if (row?.Customer is not { } customer) return 0;

            // It answered for this identifier: whose it is, it is.
            batch.Put(source, customer with { Identifiers = [.. customer.Identifiers.Append(identifier).Distinct()] });
            foreach (var interaction in row.Interactions) batch.Put(interaction);
            return 1;
        });
        return row is not null;
    }

    private (MappedRow? Row, string? Failure) Read(string answer)
    {
        using var document = JsonRow.Parse(answer, 1, out var json, out var fault);
        if (json is null) return (null, Sentence(fault));
        var row = new RowMapper(_mapping, _region, _time.GetUtcNow()).Map(json);
        return row.Faults is [var first, ..] ? (null, Sentence(first)) : (row, null);
    }

    // Where and which field, never what stood there: the log and the statistics keep no persons.
    private static string Sentence(RowFault fault) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"its answer cannot be used at {fault.Line}:{fault.Column} ({fault.What.Split([':', '.', '"'])[0]})");

    // Read for each request: a token that is renewed is used at once.
    private void AddHeader(HttpRequestMessage request)
    {
        if (_options.HeaderFile.Length == 0) return;
        var line = File.ReadAllText(_options.HeaderFile).Trim();
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        if (colon < 1) throw new FormatException("The header file holds no line «Name: value».");
        request.Headers.Add(line[..colon].Trim(), line[(colon + 1)..].Trim());
    }
}
