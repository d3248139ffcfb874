using EdgeAssist.AlertRelay.Identity;
using EdgeAssist.Client;
using EdgeAssist.V1;

namespace EdgeAssist.EndToEnd.Tests.Support;

/// <summary>An agent's side panel: follows their prompts, says of each that it is shown, and keeps what came. Its reader and the tests meet under its lock.</summary>
internal sealed class AgentDesktop : IAsyncDisposable
{
    private readonly EdgeAssistClient _client;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private readonly List<Heard<AssistEvent>> _events = [];
    private readonly Task _reading;

    public AgentDesktop(TestAppliance appliance, string agent)
    {
        _client = new EdgeAssistClient(appliance.Api, appliance.Token(new Principal { Subject = agent, Role = PrincipalRole.Agent }));
        _reading = ReadAsync();
    }

    public IReadOnlyList<Heard<AssistEvent>> Events
    {
        get
        {
            lock (_gate) return [.. _events];
        }
    }

    /// <summary>Prompts when they came, in order.</summary>
    public IReadOnlyList<Heard<AssistEvent>> Offers => [.. Events.Where(heard => heard.Value.Prompt?.State == PromptState.Offered)];

    public Task OpenAsync(CancellationToken cancellationToken) => _open.Task.WaitAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _reading;
        await _client.DisposeAsync();
        _stop.Dispose();
    }

    private async Task ReadAsync()
    {
        try
        {
            await foreach (var item in _client.WatchAssistAsync(cancellationToken: _stop.Token))
            {
                if (item is WatchItem<AssistSnapshot, AssistEvent>.Connection { State: ConnectionState.Connected }) _open.TrySetResult();
                if (item is not WatchItem<AssistSnapshot, AssistEvent>.Event { Value: var happened }) continue;
                lock (_gate) _events.Add(new Heard<AssistEvent>(happened, TimeProvider.System.GetUtcNow()));
                if (happened.Prompt?.State == PromptState.Offered) await _client.MarkPromptShownAsync(happened.Prompt.PromptId, _stop.Token);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The test is over.
        }
        catch (EdgeAssistException failure)
        {
            _open.TrySetException(failure);
            throw;
        }
    }
}
