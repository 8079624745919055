using BambooOrleans.Core.Machines;
using BambooOrleans.Core.Machines.Inputs;
using BambooOrleans.Hosting;
using BambooOrleans.Hosting.Wire;
using BambooOrleans.Pipelines;
using BambooOrleans.Storage;
using Orleans.Runtime;

namespace BambooOrleans.Cluster;

/// <summary>
/// The Engine API on a silo: verbs go to the grain of their pipeline, reads to the shared tables, which no grain has to be
/// active for. What a verb acknowledged stands in the tables before the answer comes.
/// </summary>
internal sealed class SiloEngine(SiloParts silo, UserCode userCode, IGrainFactory grains, BambooSiloOptions options)
    : HostEngine(silo.Store, silo.Check, userCode, silo.Settings, silo.Time)
{
    private const int TriesMax = 20;
    private static readonly TimeSpan SettleWait = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan SettleRetry = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan FollowWait = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan TryWait = TimeSpan.FromMilliseconds(10);

    protected override async Task SubmitAsync(PipelineTree tree, Submission submission, CancellationToken cancellationToken)
    {
        byte[] json = ValueJson.ToUtf8(tree.Source);
        if (json.Length > options.SubmissionBytesMax)
        {
            throw new InvalidArgumentException(
                $"the tree of {tree.Id} has {json.Length} bytes, and the cluster takes at most {options.SubmissionBytesMax} (limits.submissionBytesMax)");
        }

        Accept(await GrainOf(tree.Id).SubmitAsync(new Submittal(json, MachineJson.Write(submission.Options), submission.Definition))
            .ConfigureAwait(false));
    }

    protected override async Task AskAsync(string rootId, VerbRequest request, CancellationToken cancellationToken)
    {
        var message = new VerbMessage(request);
        for (int attempt = 1; ; attempt++)
        {
            MachineAnswer answer = await GrainOf(rootId).AskAsync(message).WaitAsync(cancellationToken).ConfigureAwait(false);
            if (answer.Kind != AnswerKind.TryAgain || attempt == TriesMax)
            {
                Accept(answer);
                return;
            }

            await Task.Delay(TryWait * attempt, cancellationToken).ConfigureAwait(false);
        }
    }

    protected override async Task<VerbOutcome> TryAsync(string rootId, VerbRequest request, CancellationToken cancellationToken)
    {
        LoadedPipeline loaded = await LoadAsync(rootId, cancellationToken).ConfigureAwait(false);
        Turn turn = silo.NewTurn();
        turn.Begin(silo.Time.GetUtcNow());
        Question question = request.Ask(loaded, 0);
        return DryRuns.Try(
            new PipelineMachine(loaded.Definition, loaded.State),
            nodeId => new NodeMachine(loaded.Definition.Nodes[nodeId], silo.Settings, loaded.NodeState(nodeId)),
            question,
            turn);
    }

    protected override async Task<T> ReadAsync<T>(string rootId, Func<IPipelineView, T> read, CancellationToken cancellationToken) =>
        read(await LoadAsync(rootId, cancellationToken).ConfigureAwait(false));

    protected override async Task WhenSettledAsync(string rootId, CancellationToken cancellationToken)
    {
        while (!await GrainOf(rootId).WhenSettledAsync(SettleWait).WaitAsync(cancellationToken).ConfigureAwait(false))
        {
            // Where its silo stops, the pipeline answers at once, until it has gone elsewhere.
            await Task.Delay(SettleRetry, cancellationToken).ConfigureAwait(false);
        }
    }

    // This silo's own deliveries are told at once, the others' are looked for.
    protected override Task WhenJournalGrowsAsync(CancellationToken cancellationToken) => Task.WhenAny(
        silo.Deliverer.WhenDeliveredAsync(), Task.Delay(FollowWait, cancellationToken));

    protected override Exception AnswerOf(Exception failure) => failure switch
    {
        StoreUnavailableException => new EngineUnavailableException($"the store failed: {failure.Message}", failure),
        OrleansException or TimeoutException => new EngineUnavailableException(
            $"the cluster did not answer, and whether the call took effect is not known: {failure.Message}", failure),

        // From another silo it comes with its message alone.
        NotFoundException missing => new NotFoundException(missing.Message),
        _ => failure,
    };

    private static void Accept(MachineAnswer answer)
    {
        switch (answer.Kind)
        {
            case AnswerKind.Done:
                return;
            case AnswerKind.Refused:
                throw EngineErrors.Create(answer.Code!, answer.Message!);
            case AnswerKind.TryAgain:
                throw new EngineUnavailableException("other activations of the pipeline were ahead each time; nothing changed");
            default:
                throw new EngineUnavailableException(answer.Message!);
        }
    }

    private async Task<LoadedPipeline> LoadAsync(string rootId, CancellationToken cancellationToken)
    {
        StoredPipeline stored = await silo.Store.LoadAsync(rootId, cancellationToken).ConfigureAwait(false)
            ?? throw Refusals.NoPipeline(rootId);
        return LoadedPipeline.Load(stored, (await silo.Definitions.GetAsync(rootId).ConfigureAwait(false)).Pipeline);
    }

    private IPipelineGrain GrainOf(string rootId) => grains.GetGrain<IPipelineGrain>(rootId);
}
