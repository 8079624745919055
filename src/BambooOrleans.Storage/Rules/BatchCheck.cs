namespace BambooOrleans.Storage;

/// <summary>What can be seen to be wrong with a batch before any of it is written; the same for every store.</summary>
internal static class BatchCheck
{
    /// <summary>Checks a batch, and says where the journal goes on once it is committed.</summary>
    /// <exception cref="StoreUnavailableException">The batch is refused.</exception>
    public static long Check(CommitBatch batch, long nextPosition)
    {
        foreach (NewPipeline pipeline in batch.Pipelines)
        {
            CheckText(pipeline.RootId);
            CheckText(pipeline.Name ?? "");
            foreach (string id in pipeline.Ids)
            {
                CheckText(id);
            }
        }

        foreach (RecordWrite record in batch.Records)
        {
            CheckText(record.Key);
        }

        foreach (HistoryWrite history in batch.Histories)
        {
            CheckText(history.NodeId);
        }

        foreach (JournalWrite row in batch.Journal)
        {
            if (row.Turns < 1)
            {
                throw StoreErrors.Refused($"the journal row at position {row.Position} holds {row.Turns} turns");
            }

            if (row.Position < nextPosition)
            {
                throw StoreErrors.Refused($"the journal goes on at position {nextPosition}, and a row came at {row.Position}");
            }

            nextPosition = row.Position + row.Turns;
        }

        return nextPosition;
    }

    private static void CheckText(string text)
    {
        if (!StoredText.IsStorable(text))
        {
            throw StoreErrors.Refused("an id, a key or a name holds half a surrogate pair, which is no Unicode text");
        }
    }
}
