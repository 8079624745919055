using System.Collections.Concurrent;
using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Machines;
using BambooOrleans.Pipelines;
using BambooOrleans.Storage;

namespace BambooOrleans.Hosting;

/// <summary>
/// The masks of pipelines that have secrets. What is secret is told by the tree; what the secrets are, by the tree and by the
/// journal, which has everything that a pipeline ever worked with. One without secrets costs the look at a flag.
/// </summary>
/// <param name="reads">What is kept.</param>
/// <param name="check">Compiles stored trees.</param>
/// <param name="userCode">The components, which may declare inputs as secret.</param>
internal sealed class SecretMasks(IEngineReads reads, SubmissionCheck check, UserCode userCode)
{
    private const int PipelinesMax = 1000;
    private const int PageRows = 256;

    private readonly ConcurrentDictionary<string, Known> _known = new(StringComparer.Ordinal);

    /// <summary>Where the secrets of a pipeline stand; null where it has none.</summary>
    public PipelineSecrets? Of(PipelineDefinition definition) => userCode.Secrets.Of(definition);

    /// <summary>A submission with what is kept of its secrets.</summary>
    public Submission Marked(Submission submission)
    {
        if (Of(submission.Definition) is null)
        {
            return submission;
        }

        Dictionary<string, IReadOnlyList<string>> declared = submission.Definition.Nodes.Values
            .Select(node => (node.Id, Names: (IReadOnlyList<string>)[.. userCode.Secrets.Declared.SecretsOf(node)]))
            .Where(node => node.Names.Count > 0)
            .ToDictionary(node => node.Id, node => node.Names, StringComparer.Ordinal);
        StoredOptions options = submission.Options with { HasSecrets = true, DeclaredSecrets = declared.Count == 0 ? null : declared };
        return submission with
        {
            Options = options,
            Definition = declared.Count == 0 ? submission.Definition : check.Compile(submission.Definition.Tree, options),
        };
    }

    /// <summary>The mask of a pipeline with all that is durable of it by now; null where it has no secrets.</summary>
    public async Task<SecretMask?> ForAsync(string rootId, CancellationToken cancellationToken)
    {
        if (await reads.FindSecretRootAsync(rootId, cancellationToken).ConfigureAwait(false) is not { } root)
        {
            return null;
        }

        if (!_known.TryGetValue(rootId, out Known? known) || known.Root != root)
        {
            if (await reads.ReadTreeAsync(rootId, cancellationToken).ConfigureAwait(false) is not { } stored)
            {
                return null;
            }

            PipelineDefinition definition = check.Compile(stored.Tree.Span, stored.Options.Span);
            if (Of(definition) is not { } secrets)
            {
                return null;
            }

            if (_known.Count >= PipelinesMax)
            {
                _known.Clear();
            }

            _known[rootId] = known = new Known(stored.Root, secrets, Written(definition, secrets));
        }

        return await known.UpToNowAsync(reads, rootId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The secrets of a tree that is not stored, and those that are written in it.</summary>
    public (PipelineSecrets? Secrets, SecretValues Values) OfTree(PipelineTree tree)
    {
        PipelineDefinition definition = check.CompileUnchecked(tree, new RunPipelineOptions());
        return Of(definition) is { } secrets ? (secrets, Written(definition, secrets)) : (null, new SecretValues());
    }

    /// <summary>The secrets that are written in a tree, and in the options that go with it.</summary>
    private static SecretValues Written(PipelineDefinition definition, PipelineSecrets secrets)
    {
        var values = new SecretValues();
        foreach (ScopeDefinition scope in definition.Scopes.Values)
        {
            foreach (ContextEntry entry in scope.InitialContext.Where(entry => secrets.KeysOf(scope.Id).Contains(entry.Key)))
            {
                values.Add(entry.Value, isWritten: entry.Type != ContextValueType.Plain);
            }
        }

        foreach (NodeDefinition node in definition.Nodes.Values)
        {
            foreach ((string name, DataInput input) in node.Inputs.Inputs.Where(input => secrets.InputsOf(node.Id).Contains(input.Key)))
            {
                values.Add(input.Value, isWritten: input.NeedRender);
            }
        }

        return values;
    }

    private sealed class Known(long root, PipelineSecrets secrets, SecretValues values)
    {
        private readonly SemaphoreSlim _reading = new(1, 1);
        private SecretValues _values = values;
        private long _next = 1;

        public long Root => root;

        public async Task<SecretMask> UpToNowAsync(IEngineReads reads, string rootId, CancellationToken cancellationToken)
        {
            await _reading.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                while (true)
                {
                    IReadOnlyList<JournalRow> rows =
                        await reads.ReadJournalAsync(_next, rootId, PageRows, cancellationToken).ConfigureAwait(false);
                    if (rows.Count > 0)
                    {
                        // Others may be masking with those that are there.
                        var more = new SecretValues(_values);
                        new SecretMask(secrets, more).Learn(rows.SelectMany(JournalRows.Turns));
                        _values = more;
                        _next = rows[^1].Position + rows[^1].Turns;
                    }

                    if (rows.Count < PageRows)
                    {
                        return new SecretMask(secrets, _values);
                    }
                }
            }
            finally
            {
                _reading.Release();
            }
        }
    }
}
